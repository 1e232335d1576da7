export interface paths {
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in (登录). With the header `x-session: cookie` the token goes into a cookie and not into the answer. */
        post: operations["session_create"];
        /** Sign out on all devices (在所有设备退出), this one too. */
        delete: operations["session_end_all"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's session (当前会话): account, posts, permissions, and the token against forged requests. */
        get: operations["session_get"];
        put?: never;
        post?: never;
        /** Sign out (退出). */
        delete: operations["session_end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/current/post": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Choose the post to act in (切换岗位): the old token ends, a new one is given. */
        put: operations["session_choose_post"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/acceptance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an invitation (接受邀请) and set the first password. */
        post: operations["invitation_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's inbox (站内信), newest first. */
        get: operations["me_notice_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/notices/unread": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many notices are unread. */
        get: operations["me_notice_count"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/notices/{notice_id}/reading": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark a notice as read (已读). */
        post: operations["me_notice_read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts (账号), newest first. */
        get: operations["account_list"];
        put?: never;
        /** Make an account (开户); its invitation is in the answer, once. */
        post: operations["account_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account. */
        get: operations["account_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/suspension": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop an account (停用); its sessions end at once. */
        post: operations["account_suspend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/resumption": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a stopped account work again (恢复). */
        post: operations["account_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/unlock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Unlock an account (解锁) before its 15 minutes are over. */
        post: operations["account_unlock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{account_id}/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Invite again (重新邀请): sessions end, earlier invitations are void. */
        post: operations["account_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/posts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Posts (岗位), newest first. */
        get: operations["post_list"];
        put?: never;
        /** Propose a post (提出岗位): an account, a role, a scope. */
        post: operations["post_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/posts/{post_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One post. */
        get: operations["post_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/posts/{post_id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve a post (批准岗位); never one's own, never what one proposed. */
        post: operations["post_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/posts/{post_id}/refusal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuse a proposed post (不予批准). */
        post: operations["post_refuse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/posts/{post_id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a post (结束岗位); sessions that act in it end at once. */
        post: operations["post_end"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Roles (角色) with what each may. */
        get: operations["role_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Settings (设置) with the value in force and its origin. */
        get: operations["setting_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/settings/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One setting. */
        get: operations["setting_get"];
        /** Set the city's own value (设置), at once. */
        put: operations["setting_set"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/areas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Divisions (区划) of the city. */
        get: operations["area_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Dictionaries (字典), without their entries. */
        get: operations["dict_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicts/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One dictionary with its entries. */
        get: operations["dict_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/calendar/{year}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The working calendar (工作日历) of a year. */
        get: operations["calendar_get"];
        /** Enter the working calendar of a whole year, as the State Council ordered it. */
        put: operations["calendar_set"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/packs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** City packs (城市包) of this city. */
        get: operations["pack_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs (作业) that the caller ordered or whose things he may see, newest first. */
        get: operations["job_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job with its progress. */
        get: operations["job_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Watch a job: server-sent events `progress` with state and counts, until it has ended. */
        get: operations["job_stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_id}/cancellation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a job (取消); it stops at its next chunk. */
        post: operations["job_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The event feed (事件) of what the caller's post covers, in order. */
        get: operations["event_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole event log (审计日志), numbered without gaps. */
        get: operations["audit_event_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Signed heads of the event log (检查点), newest first. */
        get: operations["audit_checkpoint_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/audit/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Verify the event log (校验): digests, numbers, tree and signatures, recomputed. */
        post: operations["audit_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The documents attached to a thing. */
        get: operations["document_list"];
        put?: never;
        /** Store a document; it can be used at once. */
        post: operations["document_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{document_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A document without its bytes. */
        get: operations["document_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/documents/{document_id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A document's bytes, as an attachment. */
        get: operations["document_content_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/companies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Companies that are registered or serve in the caller's divisions. */
        get: operations["property_company_list"];
        put?: never;
        /** Register a company (企业信息登记). */
        post: operations["property_company_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/companies/{company_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A company. */
        get: operations["property_company_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Projects in scope, by code. */
        get: operations["property_project_list"];
        put?: never;
        /** Register a project (小区登记). */
        post: operations["property_project_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/projects/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A project. */
        get: operations["property_project_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/buildings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Buildings in scope, by code. */
        get: operations["property_building_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/buildings/{building_id}/grid": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 楼盘表: all houses of a building as a grid, with their money where the caller may see it. */
        get: operations["property_building_grid"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/units": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Units in scope, by code. */
        get: operations["property_unit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/houses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Houses in scope, by code. Another district's houses are not counted. */
        get: operations["property_house_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/houses/{house_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A house. */
        get: operations["property_house_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/houses/{house_id}/owners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The owners in force of a house, masked. */
        get: operations["property_house_owner_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/committees": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Committees in scope, the newest first. */
        get: operations["property_committee_list"];
        put?: never;
        /** Record a filed committee (业委会备案). */
        post: operations["property_committee_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/committees/{committee_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A committee with its members, masked. */
        get: operations["property_committee_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/bindings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's own claims; for a reviewer those of his division. */
        get: operations["property_binding_list"];
        put?: never;
        /** Claim a house (业主认证): bound at once where the typed identity is the caller's own checked person and he holds the house, else manual review. */
        post: operations["property_binding_apply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/bindings/{binding_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A claim: the caller's own, or one of a reviewer's division. */
        get: operations["property_binding_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/bindings/{binding_id}/acceptance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accept a claim after manual review. */
        post: operations["property_binding_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/bindings/{binding_id}/rejection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reject a claim after manual review. */
        post: operations["property_binding_reject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/votes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Votes in scope, the newest first. */
        get: operations["property_vote_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/votes/{vote_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A vote. */
        get: operations["property_vote_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/publicities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Publicities in scope, the newest first. */
        get: operations["property_publicity_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/publicities/{publicity_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A publicity. */
        get: operations["property_publicity_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/publicities/{publicity_id}/objections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Object to a publicity as an owner of its project (提出异议). */
        post: operations["property_objection_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/objections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Objections in scope, the newest first. */
        get: operations["property_objection_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/objections/{objection_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An objection. */
        get: operations["property_objection_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/objections/{objection_id}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answer an objection (答复异议). */
        post: operations["property_objection_answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/property/facts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The facts of a subject on a day, as known at an instant. */
        get: operations["property_fact_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Projects of the city, for everybody. */
        get: operations["public_project_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/publicities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Publicities of the city, for everybody: no name, no figure of a single house. */
        get: operations["public_publicity_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/sets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ledger sets (账套) of the city. */
        get: operations["ledger_set_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Fund pools (资金池) of the city. */
        get: operations["ledger_pool_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/bank-accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Bank accounts (专户), numbers masked. */
        get: operations["ledger_bank_account_list"];
        put?: never;
        /** Registers a bank account (专户). */
        post: operations["ledger_bank_account_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/bank-accounts/{bank_account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One bank account. */
        get: operations["ledger_bank_account_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Holds (冻结) of a use or on an account. */
        get: operations["ledger_hold_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/postings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Postings (业务事件), the newest first. */
        get: operations["ledger_posting_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/postings/{posting_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One posting with its rows in the books. */
        get: operations["ledger_posting_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/gl-accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Chart of accounts (科目) with turnover. */
        get: operations["ledger_gl_account_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/gl-lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lines of the general ledger (分录) in the order of their vouchers: a feed. */
        get: operations["ledger_gl_line_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/periods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounting periods (会计期间) that have vouchers. */
        get: operations["ledger_period_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/payment-orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Payment orders (拨付指令), the newest first. */
        get: operations["ledger_payment_order_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/payment-orders/{payment_order_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One payment order. */
        get: operations["ledger_payment_order_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/payment-orders/{payment_order_id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Checks an order (复核): payee against the contract, amount against the hold. */
        post: operations["ledger_payment_order_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/payment-orders/{payment_order_id}/signature": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs an order (签发). */
        post: operations["ledger_payment_order_sign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/payment-orders/{payment_order_id}/sending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends an order to the bank (发送). */
        post: operations["ledger_payment_order_send"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/payment-orders/{payment_order_id}/cancellation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels an order that was not sent (撤销). */
        post: operations["ledger_payment_order_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/bank-confirmations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The bank says what became of an order (银行回执). */
        post: operations["ledger_bank_confirmation_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Bank statements (对账单). */
        get: operations["ledger_statement_list"];
        put?: never;
        /** Takes a stored file as a bank statement; a job checks it. */
        post: operations["ledger_statement_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/statements/{statement_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One bank statement with what is wrong in it. */
        get: operations["ledger_statement_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/statements/{statement_id}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Movements of a bank statement. */
        get: operations["ledger_statement_line_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ledger/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Proves that the three books of a pool are equal: L1 to L9. */
        get: operations["ledger_proof_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Fund accounts (资金账户); an owner sees those of his houses. */
        get: operations["fund_account_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/accounts/{fund_account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One fund account with its balances. */
        get: operations["fund_account_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/accounts/{fund_account_id}/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Statement of a fund account (分户账明细): a feed, or the whole as CSV or XLSX by `Accept`. */
        get: operations["fund_account_entry_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Projects with a fund in scope, with their sums. */
        get: operations["fund_project_list"];
        put?: never;
        /** Register the fund of a project (登记小区维修资金). */
        post: operations["fund_project_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/projects/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A project with its sums: houses, dues, deposits, balance, holds. */
        get: operations["fund_project_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/standards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Deposit standards. */
        get: operations["fund_standard_list"];
        put?: never;
        /** Make a deposit standard (新增交存标准). */
        post: operations["fund_standard_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/standards/{standard_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A deposit standard. */
        get: operations["fund_standard_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/standards/{standard_id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve a deposit standard; by another person than who made it. */
        post: operations["fund_standard_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/deposits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Deposits in scope, newest first. */
        get: operations["fund_deposit_list"];
        put?: never;
        /** Record a deposit (登记交存). */
        post: operations["fund_deposit_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/deposits/{deposit_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A deposit. */
        get: operations["fund_deposit_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/deposits/{deposit_id}/confirmation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirm that the money is at the bank (确认到账); by another person. */
        post: operations["fund_deposit_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/deposits/{deposit_id}/rejection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reject a deposit (不予确认); by another person. */
        post: operations["fund_deposit_reject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/corrections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Corrections in scope, newest first. */
        get: operations["fund_correction_list"];
        put?: never;
        /** Ask to reverse a wrongly confirmed deposit (申请红冲). */
        post: operations["fund_correction_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/corrections/{correction_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A correction. */
        get: operations["fund_correction_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/corrections/{correction_id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reverse the posting (红冲, MF28); by another person. */
        post: operations["fund_correction_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/corrections/{correction_id}/rejection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuse a correction; by another person. */
        post: operations["fund_correction_reject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/payments/{payment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A payment of a use. */
        get: operations["fund_payment_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/payments/{payment_id}/confirmation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirm that a refund of the contractor arrived (确认退款到账); by another person. */
        post: operations["fund_payment_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Imports in scope, newest first. */
        get: operations["fund_import_list"];
        put?: never;
        /** Bring a table (新建导入): every row is checked, nothing is written. */
        post: operations["fund_import_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/imports/{import_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An import with its counts. */
        get: operations["fund_import_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/imports/{import_id}/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is wrong with which row. */
        get: operations["fund_import_error_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/imports/{import_id}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The table with a state and a message behind each row. */
        get: operations["fund_import_result_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/imports/{import_id}/commit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write what the check found good; by another person. */
        post: operations["fund_import_commit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/imports/{import_id}/cancellation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel an import that is not being written. */
        post: operations["fund_import_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/houses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** My houses with their fund accounts. */
        get: operations["me_house_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/houses/{house_id}/statement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The ledger of my house as a spreadsheet, with the formula of each share (分户对账单). */
        get: operations["me_house_statement_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/works": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The works that I pay for, with my share and how it came about. */
        get: operations["me_work_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/uses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Works that were made public (维修工程公开); no name, no money of a single house. */
        get: operations["public_use_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Uses in scope, newest first; an owner sees those of his projects. */
        get: operations["fund_use_list"];
        put?: never;
        /** Propose a use of the fund (提出使用申请). */
        post: operations["fund_use_propose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A use with all that is known of it and what may be done with it. */
        get: operations["fund_use_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/rounds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the use looked when each earlier round ended (旧轮次). */
        get: operations["fund_use_round_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/shares": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The shares of the houses (分摊表); an owner sees those of his own. */
        get: operations["fund_use_share_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/survey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record the survey on site (现场勘查). */
        post: operations["fund_use_survey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/scheme": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set scheme and budget (方案与预算). */
        put: operations["fund_use_scheme"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/allocation-preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What an allocation would give (试算分摊). Writes nothing. */
        post: operations["fund_use_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/allocation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Allocate the budget over the houses by the rule of the city (预分摊). */
        post: operations["fund_use_allocate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/vote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Open the vote of the owners of the scope (发起表决). */
        post: operations["fund_use_open_vote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/vote-result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record the result of a vote on paper (录入表决结果). */
        post: operations["fund_use_record_vote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/publicity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publicise scheme and vote (公示). */
        post: operations["fund_use_publicise"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/submission": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Submit for review (提交审核), also after a return. */
        post: operations["fund_use_submit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/filing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** File the use (备案) in a city without a flow. */
        post: operations["fund_use_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/contract": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record the contract (登记合同). */
        post: operations["fund_use_contract"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a payment (申请付款). */
        post: operations["fund_use_pay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The works begin (开工). */
        post: operations["fund_use_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/completion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The works are done (竣工). */
        post: operations["fund_use_complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/acceptance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record the acceptance (验收). */
        post: operations["fund_use_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/cost-audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record the cost audit (登记审价). */
        post: operations["fund_use_cost_audit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/settlement-publicity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publicise the settlement (结算公示). */
        post: operations["fund_use_publicise_settlement"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/settlement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Settle (结算): the final shares and the last payment. */
        post: operations["fund_use_settle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/archiving": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Archive the case (归档). */
        post: operations["fund_use_archive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/suspension": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Suspend the use (中止). */
        post: operations["fund_use_suspend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/resumption": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a suspended use go on (恢复). */
        post: operations["fund_use_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/fund/uses/{use_id}/termination": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Terminate the use (终止); what is held is released. */
        post: operations["fund_use_terminate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/definitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 流程定义 */
        get: operations["workflow_definition_list"];
        put?: never;
        /** Keep a drawn file as a definition, or say everything that is wrong with it. */
        post: operations["workflow_definition_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/definitions/{definition_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One definition with its file. */
        get: operations["workflow_definition_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/definitions/{definition_id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a definition again. */
        post: operations["workflow_definition_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/definitions/{definition_id}/publication": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 发布 by a second person. */
        post: operations["workflow_definition_publish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/instances/{instance_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 流程实例 */
        get: operations["workflow_instance_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/instances/{instance_id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 办理经过 */
        get: operations["workflow_instance_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/instances/{instance_id}/diagram": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The flow drawn, with the live position. */
        get: operations["workflow_instance_diagram"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/instances/{instance_id}/withdrawal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 撤回 by the applicant, until the first decision. */
        post: operations["workflow_instance_withdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/instances/{instance_id}/urging": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 催办 */
        post: operations["workflow_instance_urge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/instances/{instance_id}/copies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 抄送: these accounts may read the case. */
        post: operations["workflow_instance_copy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/instances/{instance_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try what stands still again. */
        post: operations["workflow_incident_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 待办, 待认领, 已办, 我发起 */
        get: operations["workflow_task_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One task. */
        get: operations["workflow_task_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/task-counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Numbers for the workbench. */
        get: operations["workflow_task_counts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks/{task_id}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 为什么到我这里 */
        get: operations["workflow_task_explanation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks/{task_id}/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 认领: one winner. */
        post: operations["workflow_task_claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks/{task_id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 归还 to the pool. */
        post: operations["workflow_task_release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks/{task_id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 同意 */
        post: operations["workflow_task_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks/{task_id}/rejection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 驳回: ends the case. */
        post: operations["workflow_task_reject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks/{task_id}/return": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 退回 to the applicant or to a visited step. */
        post: operations["workflow_task_return"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/tasks/{task_id}/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** 转办 */
        post: operations["workflow_task_transfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workflow/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** 异常 */
        get: operations["workflow_incident_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["plugin_package_list"];
        put?: never;
        post: operations["plugin_package_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/packages/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["plugin_package_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/bindings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["plugin_binding_list"];
        put?: never;
        post: operations["plugin_binding_propose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/bindings/{binding_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["plugin_binding_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/bindings/{binding_id}/approval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["plugin_binding_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/bindings/{binding_id}/suspension": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["plugin_binding_suspend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["plugin_incident_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/incidents/{incident_id}/resolution": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["plugin_incident_resolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugins/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["plugin_point_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/platform/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in as operator (平台运维登录). */
        post: operations["platform_session_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/platform/api/v1/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The operator's session. */
        get: operations["platform_session_get"];
        put?: never;
        post?: never;
        /** Sign out. */
        delete: operations["platform_session_end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/platform/api/v1/clock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The simulated present (模拟时钟); 404 where time is real. */
        get: operations["platform_clock_get"];
        /** Move the simulated time (拨快时钟), forward only. */
        put: operations["platform_clock_set"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/platform/api/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tenants (租户), newest first. */
        get: operations["platform_tenant_list"];
        put?: never;
        /** Make a tenant (开通租户) while the program runs; the three invitations are in the answer, once. */
        post: operations["platform_tenant_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/platform/api/v1/tenants/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One tenant. */
        get: operations["platform_tenant_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/platform/api/v1/cells": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Cells (分区集群): where tenants' databases stand. */
        get: operations["platform_cell_list"];
        put?: never;
        /** Register a PostgreSQL cluster (登记分区集群). */
        post: operations["platform_cell_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/platform/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether all parts answer (健康状况). */
        get: operations["platform_health_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Record the acceptance (验收), signed by every party that must. */
        AcceptUse: {
            /** Format: date */
            accepted_on: string;
            /**
             * @example [
             *       "业主委员会",
             *       "监理"
             *     ]
             */
            signers: string[];
            document_ids: components["schemas"]["DocumentId"][];
        };
        /** @description A new account. */
        AccountCreate: {
            kind: components["schemas"]["PersonAccountKind"];
            /**
             * @description 2 to 64 small letters, digits and `. _ @ -`.
             * @example wang.li
             */
            login_name: string;
            /** @example 王丽 */
            name: string;
            /** @example wang.li@example.org */
            mail?: string | null;
            person?: components["schemas"]["PersonInput"] | null;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        AccountId: string;
        /**
         * @description Whose money an account holds (maintenance-fund §1.3): 分户账, 售房单位按幢账, 小区公共账, 幢公共账, 单位预交, 待清分, 应急备用金, 待分配收益.
         * @enum {string}
         */
        AccountKind: "household" | "seller" | "public_project" | "public_building" | "prepaid" | "suspense" | "reserve" | "pool_income";
        /** @description Why the account is stopped. */
        AccountReason: {
            /** @example 岗位调整 */
            reason?: string | null;
        };
        /**
         * @description `frozen` takes no debit, `closing` no credit, `closed` nothing for ever.
         * @enum {string}
         */
        AccountState: "open" | "frozen" | "closing" | "closed";
        /** @description 账号 as administrators see it. */
        AccountView: {
            id: components["schemas"]["AccountId"];
            /** @example wang.li */
            login_name: string;
            kind: components["schemas"]["PersonAccountKind"];
            /** @example 王丽 */
            name: string;
            mail?: string | null;
            person_id?: components["schemas"]["PersonId"] | null;
            /**
             * Format: int64
             * @description How well the person is known, 1 to 5.
             * @example 3
             */
            assurance: number;
            /**
             * @description `invited`, `active`, `locked`, `suspended`, `frozen`, `left` or `cancelled`.
             * @example invited
             */
            state: string;
            /** Format: int64 */
            version: number;
            created_at: components["schemas"]["Timestamp"];
            invitation?: components["schemas"]["InvitationView"] | null;
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /** @description One administrator of a new tenant. */
        Administrator: {
            /** @example li.ming */
            login_name: string;
            /** @example 李明 */
            name: string;
            /**
             * @description Gets the invitation by mail, where given.
             * @example li.ming@example.org
             */
            mail?: string | null;
        };
        /** @description The invitation of one administrator; its token is shown this once. */
        AdministratorInvitation: {
            /** @example sys_admin */
            role: string;
            /** @example li.ming */
            login_name: string;
            /**
             * @description Absent when the request is repeated under its key: secrets are never kept.
             * @example 4kT0…
             */
            token?: string | null;
            expires_at: components["schemas"]["Timestamp"];
        };
        /** @description 三员: three persons. */
        Administrators: {
            sys_admin: components["schemas"]["Administrator"];
            sec_admin: components["schemas"]["Administrator"];
            audit_admin: components["schemas"]["Administrator"];
        };
        /** @description One verb that this role has at all. */
        AllowedAction: {
            /**
             * @description The verb, as in the operation's name.
             * @example approve
             */
            action: string;
            ok: boolean;
            /**
             * @description Why not: a stable code.
             * @example duty.same_person
             */
            reason_code?: string | null;
            /**
             * @description Why not, in the language of the caller.
             * @example 经办与复核不能是同一人，请由他人办理
             */
            reason?: string | null;
        };
        /** @description Answer an objection (答复异议). */
        AnswerObjection: {
            /** @example 三家报价已公示，取最低 */
            text: string;
            /** @description It was right: the work goes back to its scheme. */
            upheld: boolean;
        };
        /** @description Claim a house (业主认证申请). */
        ApplyBinding: {
            /** @example 379901200012001000013 */
            house_code: string;
            role: components["schemas"]["BindingRole"];
            /** @example 张建国 */
            name: string;
            /**
             * @description Code of the dictionary `id_type`.
             * @example resident_id
             */
            id_type: string;
            /** @example 370102199001010041 */
            id_number: string;
        };
        /** @description 同意. */
        Approve: {
            /** @example 同意 */
            opinion?: string | null;
            /** @description Fields of the step's form: a JSON object. */
            form?: Record<string, never> | null;
        };
        /** @description 归档包 */
        ArchiveView: {
            document_id: components["schemas"]["DocumentId"];
            sha256: string;
            sm3: string;
            /**
             * Format: int64
             * @description Files in the package, `index.json` not counted.
             * @example 14
             */
            files: number;
        };
        /**
         * @description 面积 in 0.01 m². JSON and text form: a string with exactly two decimals, `"89.56"`. More decimals are refused, not rounded.
         * @example 89.56
         */
        Area: string;
        /** @description Record the cost audit (登记审价). */
        AuditUse: {
            /** @example 滨城造价咨询有限公司 */
            auditor: string;
            audited_amount: components["schemas"]["Money"];
            document_ids: components["schemas"]["DocumentId"][];
        };
        /** @description The range to verify; everything when left out. */
        AuditVerify: {
            /**
             * Format: int64
             * @example 1
             */
            from_seq?: number | null;
            /**
             * Format: int64
             * @example 100
             */
            to_seq?: number | null;
        };
        /** @description Registers a bank account of a pool. */
        BankAccountCreate: {
            /**
             * @description Pool of the account.
             * @example 01
             */
            pool_code: string;
            /**
             * @description Short code of the bank.
             * @example BOC
             */
            bank: string;
            /**
             * @description Account number, digits only.
             * @example 3799010001000123
             */
            number: string;
            /**
             * @description Name of the holder at the bank.
             * @example 维修资金专户
             */
            holder_name: string;
            kind: components["schemas"]["BankKind"];
            connector: components["schemas"]["Connector"];
            /**
             * Format: date
             * @description First day of the account; receipts before it are refused (E11).
             */
            opened_on: string;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        BankAccountId: string;
        /** @description A bank account; its number is masked for everybody but finance and the bank. */
        BankAccountView: {
            id: components["schemas"]["BankAccountId"];
            /** @example 01 */
            pool_code: string;
            /** @example BOC */
            bank: string;
            /** @example ************0123 */
            number: string;
            /** @example 维修资金专户 */
            holder_name: string;
            kind: components["schemas"]["BankKind"];
            connector: components["schemas"]["Connector"];
            /** Format: date */
            opened_on: string;
            state: components["schemas"]["BankState"];
            /** Format: int64 */
            version: number;
        };
        /** @description 银行回执. */
        BankConfirmation: {
            /** @example P202612030000010 */
            order_no: string;
            status: components["schemas"]["ConfirmationStatus"];
            /** @description Must be that of the order. */
            amount: components["schemas"]["Money"];
            /**
             * @description The bank's serial number of this movement.
             * @example P3f9a0c21b7e4
             */
            bank_serial: string;
            /** Format: date */
            bank_date: string;
            /**
             * @description Why it failed or came back.
             * @example 收款账号与户名不符
             */
            reason?: string | null;
        };
        /**
         * @description 活期, 定期, 国债.
         * @enum {string}
         */
        BankKind: "demand" | "time" | "bond";
        /**
         * @description `restricted`: pays out, takes nothing in.
         * @enum {string}
         */
        BankState: "open" | "restricted" | "closed";
        /**
         * @description 计算依据 of a deposit standard.
         * @enum {string}
         */
        Basis: "area" | "price";
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        BindingId: string;
        /**
         * @description 认证身份.
         * @enum {string}
         */
        BindingRole: "owner" | "co_owner" | "representative" | "family" | "occupant";
        /**
         * @description 认证状态.
         * @enum {string}
         */
        BindingState: "applying" | "bound" | "manual_review" | "rejected" | "frozen" | "released";
        /** @description A claim to a house. */
        BindingView: {
            id: components["schemas"]["BindingId"];
            /**
             * @description As typed; whether such a house exists is not told.
             * @example 379901200012001000013
             */
            house_code: string;
            house_id?: components["schemas"]["HouseId"] | null;
            project_id?: components["schemas"]["ProjectId"] | null;
            role: components["schemas"]["BindingRole"];
            /** @example 张** */
            name: string;
            /** @example 3701**********0041 */
            id_number: string;
            state: components["schemas"]["BindingState"];
            reason?: string | null;
            /** Format: date */
            from?: string | null;
            /** Format: date */
            until?: string | null;
            allowed_actions: components["schemas"]["AllowedAction"][];
            /** Format: int64 */
            version: number;
            created_at: components["schemas"]["Timestamp"];
        };
        /**
         * @description The two parts of a fund account: `principal` 本金, `income` 收益.
         * @enum {string}
         */
        Bucket: "principal" | "income";
        /**
         * @description Class of the building.
         * @enum {string}
         */
        BuildingClass: "lift" | "stairs";
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        BuildingId: string;
        /**
         * @description 楼栋、单元状态.
         * @enum {string}
         */
        BuildingState: "active" | "ended";
        /** @description A building. */
        BuildingView: {
            id: components["schemas"]["BuildingId"];
            project_id: components["schemas"]["ProjectId"];
            /** @example 379901200012001 */
            code: string;
            /**
             * @description As people say it.
             * @example 1
             */
            name: string;
            /**
             * Format: int64
             * @example 18
             */
            floors: number;
            has_lift: boolean;
            /**
             * Format: int64
             * @example 2
             */
            units: number;
            /**
             * Format: int64
             * @example 72
             */
            houses: number;
            area: components["schemas"]["Area"];
            state: components["schemas"]["BuildingState"];
        };
        /** @description One day that differs from "Monday to Friday works". */
        CalendarDay: {
            /** Format: date */
            date: string;
            /**
             * @description False: a day off. True: a make-up working day (调休上班).
             * @example false
             */
            is_working: boolean;
            /** @example 国庆节 */
            name: string;
        };
        CalendarDaySet: {
            /** Format: date */
            date: string;
            is_working: boolean;
            /** @example 国庆节 */
            name?: string;
        };
        /** @description A whole year, as the State Council's notice orders it. */
        CalendarSet: {
            /** @example 国办发明电〔2025〕7号 */
            source: string;
            days: components["schemas"]["CalendarDaySet"][];
        };
        /** @description 日历 of one year. */
        CalendarView: {
            /**
             * Format: int64
             * @example 2026
             */
            year: number;
            /** @example 国办发明电〔2025〕7号 */
            source: string;
            days: components["schemas"]["CalendarDay"][];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        CallId: string;
        /** @description A PostgreSQL cluster to place tenants on. */
        CellCreate: {
            /** @example cell-2 */
            name: string;
            /**
             * @description An administrator's address, `postgres://admin:…@host:5432/linli`; kept sealed.
             * @example postgres://admin:secret@db.example:5432/linli
             */
            address: string;
            /**
             * Format: int64
             * @description At most 30.
             * @example 30
             */
            capacity?: number | null;
        };
        /** @description 分区集群 as operators see it; its address is never shown. */
        CellView: {
            /** Format: uuid */
            id: string;
            /** @example configured */
            name: string;
            /**
             * @description `postgres` or `sqlite`.
             * @example postgres
             */
            kind: string;
            /**
             * Format: int64
             * @example 30
             */
            capacity: number;
            /**
             * Format: int64
             * @example 2
             */
            tenants: number;
            /**
             * @description `active`, `full`, `draining` or `closed`.
             * @example active
             */
            state: string;
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description One check. */
        Check: {
            /**
             * @description `L1` … `L9`.
             * @example L1
             */
            code: string;
            ok: boolean;
            /**
             * @description What was looked at, or the first rows that break it.
             * @example 213 笔业务借贷平衡
             */
            detail: string;
        };
        /** @description One page of signed heads, newest first. */
        CheckpointList: {
            items: components["schemas"]["CheckpointView"][];
        };
        /** @description A checkpoint as shown to who verifies. */
        CheckpointView: {
            /** Format: int64 */
            seq: number;
            head: string;
            at: components["schemas"]["Timestamp"];
            /** @description Ed25519 over the text `linli-checkpoint-1`, base64. */
            signature: string;
            key_id: string;
        };
        /** @description To which instant. */
        ClockSet: {
            now: components["schemas"]["Timestamp"];
        };
        /** @description The simulated present. */
        ClockView: {
            now: components["schemas"]["Timestamp"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        CommitteeId: string;
        /**
         * @description 组织类别.
         * @enum {string}
         */
        CommitteeKind: "owners" | "interim";
        /**
         * @description 业委会状态.
         * @enum {string}
         */
        CommitteeState: "elected" | "filing" | "filed" | "caretaker" | "expired" | "cancelled";
        /** @description A committee in one term. */
        CommitteeView: {
            id: components["schemas"]["CommitteeId"];
            /**
             * @description Readable number: `CM` + day + serial.
             * @example CM20261116000001
             */
            no: string;
            project_id: components["schemas"]["ProjectId"];
            kind: components["schemas"]["CommitteeKind"];
            /** @example 悦海花园第一届业主委员会 */
            name: string;
            /**
             * Format: int64
             * @example 1
             */
            term_no: number;
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /**
             * Format: int64
             * @example 5
             */
            seats: number;
            state: components["schemas"]["CommitteeState"];
            /** @description Empty in lists. */
            members: components["schemas"]["MemberView"][];
            /** Format: int64 */
            version: number;
            created_at: components["schemas"]["Timestamp"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        CompanyId: string;
        /**
         * @description 单位状态.
         * @enum {string}
         */
        CompanyState: "draft" | "submitted" | "registered" | "suspended" | "cancelled";
        /** @description A company. */
        CompanyView: {
            id: components["schemas"]["CompanyId"];
            /** @example 滨城物业服务有限公司 */
            name: string;
            /** @example 91379901MA3EXAMPL5 */
            uscc: string;
            /**
             * @example [
             *       "property"
             *     ]
             */
            trades: string[];
            origin: components["schemas"]["Origin"];
            /**
             * @description Masked: `周**`.
             * @example 周**
             */
            legal_rep?: string | null;
            /** @example 379901000000 */
            area_code: string;
            state: components["schemas"]["CompanyState"];
            /** Format: int64 */
            version: number;
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description Report completion (竣工). */
        CompleteUse: {
            /** Format: date */
            completed_on: string;
        };
        /**
         * @description What the bank did with an order.
         * @enum {string}
         */
        ConfirmationStatus: "paid" | "failed" | "returned";
        /** @description What the confirmation led to. */
        ConfirmationView: {
            /** @example P202612030000010 */
            order_no: string;
            /** @description State of the order. */
            state: components["schemas"]["OrderState"];
            /**
             * @description Number of the posting when paid.
             * @example 20261203010000017
             */
            posting_no?: string | null;
            /** @description True when this was known already; then nothing was posted. */
            replayed: boolean;
        };
        /**
         * @description How the bank answers: it calls us, a simulator does, or files are exchanged.
         * @enum {string}
         */
        Connector: "callback" | "simulator" | "file";
        /** @description Record the contract (登记合同). */
        ContractUse: {
            /** @description 施工单位, who is paid. */
            contractor: components["schemas"]["Payee"];
            /** @description Not above the budget. */
            amount: components["schemas"]["Money"];
            /** Format: date */
            signed_on: string;
            document_ids: components["schemas"]["DocumentId"][];
        };
        /** @description 施工单位. */
        ContractorView: {
            /** @example 华东电梯工程有限公司 */
            name: string;
            /** @example 91310000132200158R */
            uscc: string;
            /** @example CCB */
            bank: string;
            /**
             * @description The last four digits.
             * @example ****************1234
             */
            account_number: string;
        };
        /** @description Who gets a copy. */
        Copy: {
            account_ids: components["schemas"]["AccountId"][];
        };
        /**
         * Format: uuid
         * @description Id of a correction (红冲申请).
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        CorrectionId: string;
        /**
         * @description State of a correction.
         * @enum {string}
         */
        CorrectionState: "submitted" | "executed" | "rejected";
        /** @description 更正. */
        CorrectionView: {
            id: components["schemas"]["CorrectionId"];
            /** @example 37990020261124000004P */
            no: string;
            deposit_id: components["schemas"]["DepositId"];
            project_id: components["schemas"]["ProjectId"];
            house_id: components["schemas"]["HouseId"];
            /**
             * @description The posting that is to be reversed.
             * @example 20261116010000017
             */
            posting_no: string;
            amount: components["schemas"]["Money"];
            reason: string;
            opinion?: string | null;
            state: components["schemas"]["CorrectionState"];
            /** @description The reversal (MF28). */
            reversal_no?: string | null;
            created_at: components["schemas"]["Timestamp"];
            /** Format: int64 */
            version: number;
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /** @description Numbers for the workbench. */
        Counts: {
            /**
             * Format: int64
             * @example 3
             */
            todo: number;
            /**
             * Format: int64
             * @example 1
             */
            overdue: number;
            /**
             * Format: int64
             * @example 2
             */
            pool: number;
        };
        /** @description Record a filed committee (业委会备案). */
        CreateCommittee: {
            project_id: components["schemas"]["ProjectId"];
            kind: components["schemas"]["CommitteeKind"];
            /** @example 悦海花园第一届业主委员会 */
            name: string;
            /**
             * Format: int64
             * @description 届次.
             * @example 1
             */
            term_no: number;
            /**
             * Format: date
             * @description First day of the term.
             */
            from: string;
            /**
             * Format: date
             * @description Last day of the term.
             */
            to: string;
            /**
             * Format: int64
             * @description An odd number.
             * @example 5
             */
            seats: number;
            members: components["schemas"]["NewMember"][];
        };
        /** @description Register a company (企业信息登记). */
        CreateCompany: {
            /** @example 滨城物业服务有限公司 */
            name: string;
            /**
             * @description 统一社会信用代码 with its check character.
             * @example 91379901MA3EXAMPL5
             */
            uscc: string;
            /**
             * @description Codes of the dictionary `trade`.
             * @example [
             *       "property"
             *     ]
             */
            trades: string[];
            origin: components["schemas"]["Origin"];
            /**
             * @description 法定代表人; kept encrypted, shown masked.
             * @example 周建国
             */
            legal_rep?: string | null;
            /**
             * @description Where it is registered, 12 digits.
             * @example 379901000000
             */
            area_code: string;
        };
        /** @description Ask for a reversal (申请更正). */
        CreateCorrection: {
            deposit_id: components["schemas"]["DepositId"];
            /** @example 银行流水属于另一户 */
            reason: string;
            document_ids?: components["schemas"]["DocumentId"][];
        };
        /** @description Record a deposit (登记交存). */
        CreateDeposit: {
            house_id: components["schemas"]["HouseId"];
            kind: components["schemas"]["DepositKind"];
            amount: components["schemas"]["Money"];
            bank_account_id: components["schemas"]["BankAccountId"];
            /**
             * Format: date
             * @description 到账日期.
             */
            bank_date: string;
            /**
             * @description 银行流水号, once in a bank account.
             * @example BK110000004
             */
            bank_serial: string;
            /** @example 业主 */
            payer?: string | null;
            receipt_no?: string | null;
            remarks?: string | null;
            use_id?: components["schemas"]["UseId"] | null;
        };
        /** @description Register the fund of a project (登记小区维修资金). */
        CreateFundProject: {
            project_id: components["schemas"]["ProjectId"];
            /**
             * @description Two digits.
             * @example 01
             */
            pool_code: string;
            /** @description Where its money lies. */
            bank_account_id: components["schemas"]["BankAccountId"];
            management: components["schemas"]["Management"];
        };
        /** @description Bring a table (新建导入): it is checked, nothing more. */
        CreateImport: {
            template: components["schemas"]["Template"];
            /** @description The uploaded table, xlsx or csv. */
            document_id: components["schemas"]["DocumentId"];
            /**
             * Format: date
             * @description On which day standards must be valid.
             */
            business_date: string;
            row_policy: components["schemas"]["RowPolicy"];
            project_id?: components["schemas"]["ProjectId"] | null;
            bank_account_id?: components["schemas"]["BankAccountId"] | null;
        };
        /** @description Object to a publicity (提出异议). */
        CreateObjection: {
            /** @example 请说明三家报价 */
            text: string;
        };
        /** @description Register a project (小区). */
        CreateProject: {
            /**
             * @description 12 digits, unique; without it the next serial of the district is given.
             * @example 379901200012
             */
            code?: string | null;
            /** @example 悦海花园 */
            name: string;
            /**
             * @description Code of the dictionary `project_kind`.
             * @example residential
             */
            kind: string;
            /** @example 海滨路18号 */
            address: string;
            /**
             * @description The community it lies in, 12 digits.
             * @example 379901001001
             */
            area_code: string;
            management_mode: components["schemas"]["ManagementMode"];
            company_id?: components["schemas"]["CompanyId"] | null;
            developer_id?: components["schemas"]["CompanyId"] | null;
        };
        /** @description Make a deposit standard (新增交存标准). */
        CreateStandard: {
            /** @example A-LIFT */
            code: string;
            /**
             * @description The city or a district.
             * @example 379900000000
             */
            area_code: string;
            /**
             * @description Code of the dictionary `house_nature`.
             * @example commodity
             */
            nature: string;
            building_class: components["schemas"]["BuildingClass"];
            basis: components["schemas"]["Basis"];
            /** @description Yuan for each m² (basis area), or percent of the price (basis price). */
            value: components["schemas"]["Money"];
            /** Format: date */
            from: string;
            /**
             * Format: date
             * @description The last day; without it, until further notice.
             */
            to?: string | null;
            /** @example 滨建〔2020〕3号 */
            document_no: string;
        };
        /** @description What a house table made. */
        CreatedCounts: {
            /**
             * Format: int64
             * @example 3
             */
            buildings: number;
            /**
             * Format: int64
             * @example 8
             */
            units: number;
            /**
             * Format: int64
             * @example 210
             */
            houses: number;
            /**
             * Format: int64
             * @description People who were not known before.
             * @example 207
             */
            persons: number;
            /**
             * Format: int64
             * @description Fund accounts of the houses that count.
             * @example 210
             */
            accounts: number;
        };
        /**
         * @description Which database.
         * @enum {string}
         */
        Database: "postgres" | "sqlite";
        /** @description What the second person says. */
        DecideCorrection: {
            /** @example 与银行核对无误 */
            opinion?: string | null;
        };
        /** @description A decision's answer. */
        Decided: {
            task: components["schemas"]["TaskView"];
            instance: components["schemas"]["InstanceView"];
            subject: components["schemas"]["SubjectBrief"];
        };
        /** @description A drawn file becomes a definition. */
        DefinitionCreate: {
            /** @description The uploaded BPMN file. */
            document_id: components["schemas"]["DocumentId"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        DefinitionId: string;
        /** @description 流程定义. */
        DefinitionView: {
            id: components["schemas"]["DefinitionId"];
            /** @example fund-use */
            key: string;
            /**
             * Format: int64
             * @example 1
             */
            version: number;
            /** @example 维修资金使用 */
            name: string;
            /**
             * @description `checked`, `published`, `retired`.
             * @example published
             */
            state: string;
            /** @description SHA-256 of the file. */
            bundle_hash: string;
            /** @description Warnings of the last check; a definition with errors is not kept. */
            diagnostics: components["schemas"]["Diagnostic"][];
            created_at: components["schemas"]["Timestamp"];
            published_at?: components["schemas"]["Timestamp"] | null;
            /** @description The file, in the answer for one definition. */
            xml?: string | null;
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        DepositId: string;
        /**
         * @description Why a house deposits.
         * @enum {string}
         */
        DepositKind: "first" | "renewal" | "supplement";
        /**
         * @description State of a deposit.
         * @enum {string}
         */
        DepositState: "due" | "noticed" | "paid_pending" | "posted" | "receipted" | "waived" | "rejected";
        /** @description 交存. */
        DepositView: {
            id: components["schemas"]["DepositId"];
            /** @example DP20261116000001 */
            no: string;
            project_id: components["schemas"]["ProjectId"];
            house_id: components["schemas"]["HouseId"];
            /** @example 379901200012001000013 */
            house_code: string;
            kind: components["schemas"]["DepositKind"];
            amount: components["schemas"]["Money"];
            /** @description What was still due when it was recorded, by the standard or the share. */
            due: components["schemas"]["Money"];
            bank_account_id: components["schemas"]["BankAccountId"];
            /** Format: date */
            bank_date: string;
            /** @example BK110000004 */
            bank_serial: string;
            payer?: string | null;
            receipt_no?: string | null;
            remarks?: string | null;
            use_id?: components["schemas"]["UseId"] | null;
            state: components["schemas"]["DepositState"];
            reason?: string | null;
            posting_no?: string | null;
            /**
             * @description Posting code: `MF01`, `MF02` or `MF03`.
             * @example MF01
             */
            code?: string | null;
            /** @description Whether it was reversed (红冲). */
            corrected: boolean;
            created_at: components["schemas"]["Timestamp"];
            /** Format: int64 */
            version: number;
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /** @description 诊断: one finding at one element. */
        Diagnostic: {
            /**
             * @description Stable name of the rule.
             * @example workflow.join_never_fires
             */
            rule_id: string;
            /**
             * @description Id of the BPMN element.
             * @example joint_review
             */
            element: string;
            severity: components["schemas"]["Severity"];
            /** @example 并行汇聚“联合会审”永远等不到“区局意见” */
            zh: string;
            /** @example The join “Joint review” waits for ever for “District opinion” */
            en: string;
            /** @description Element ids of the shortest way into the trouble, where there is one. */
            path?: string[];
        };
        /** @description 流程图. */
        DiagramView: {
            /** @description BPMN 2.0 with its drawing. */
            xml: string;
            /** @description Ids of nodes where the case stands. */
            active: string[];
            /** @description Ids of user tasks that count as passed. */
            done: string[];
            steps: components["schemas"]["Step"][];
        };
        /** @description A dictionary without its entries. */
        DictBrief: {
            /** @example house_use */
            code: string;
            /** @example 房屋用途 */
            name: string;
            /** @description Whether a city may add entries. */
            extensible: boolean;
        };
        /** @description One entry of a dictionary. */
        DictEntry: {
            /** @example residential */
            code: string;
            /** @example 成套住宅 */
            label: string;
            /** @description The code of a national list, kept beside ours. */
            national_code?: string | null;
            /**
             * @description `active` or `retired`.
             * @example active
             */
            state: string;
        };
        /** @description 字典 with its entries. */
        DictView: {
            /** @example house_use */
            code: string;
            /** @example 房屋用途 */
            name: string;
            /** @description Whether a city may add entries. */
            extensible: boolean;
            entries: components["schemas"]["DictEntry"][];
        };
        /** @description One division. In the document its name leaves `Area` to the floor area. */
        Division: {
            /**
             * @description 12 digits.
             * @example 379901001000
             */
            code: string;
            /** @example 望海街道 */
            name: string;
            /**
             * @description `province`, `city`, `district`, `street` or `community`.
             * @example street
             */
            level: string;
            /**
             * @description Codes from the province down: what `area_path` of every business row begins with.
             * @example 37/3799/379901/379901001/
             */
            path: string;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        DocumentId: string;
        /** @description Fields of an upload, as `multipart/form-data`. */
        DocumentUpload: {
            /**
             * Format: binary
             * @description At most 8 MiB; PDF, PNG, JPG, XLSX, CSV, TXT, XML or ZIP.
             */
            file: string;
            /**
             * @description Entry of the dictionary `document_kind`.
             * @example contract
             */
            kind: string;
            /**
             * @description The file's name when it is missing.
             * @example 电梯大修施工合同
             */
            title?: string | null;
        };
        /** @description 文件 as shown to its readers. */
        DocumentView: {
            id: components["schemas"]["DocumentId"];
            /**
             * @description Entry of the dictionary `document_kind`.
             * @example contract
             */
            kind: string;
            /** @example 电梯大修施工合同 */
            title: string;
            /** @example application/pdf */
            media_type: string;
            /** @example contract.pdf */
            file_name: string;
            /**
             * Format: int64
             * @description Bytes.
             * @example 20480
             */
            size: number;
            /** @description 64 hexadecimal digits. */
            sha256: string;
            /** @description 64 hexadecimal digits. */
            sm3: string;
            scan_state: components["schemas"]["ScanState"];
            created_at: components["schemas"]["Timestamp"];
        };
        /**
         * @description 职务.
         * @enum {string}
         */
        Duty: "chair" | "vice_chair" | "member" | "alternate";
        /** @description A page of the feed. */
        EntryPage: {
            items: components["schemas"]["FundEntryView"][];
            /**
             * @description Give it as `after` to go on; opaque.
             * @example 12
             */
            next: string;
        };
        /** @description One page of the event feed, in order. */
        EventFeed: {
            /** @description CloudEvents 1.0 objects; `seq` only for readers of the whole tenant. */
            items: Record<string, never>[];
            /**
             * @description Where the next page begins; opaque.
             * @example 100
             */
            next: string;
        };
        /** @description A line of an answer as a person reads it. */
        Explained: {
            code: string;
            zh: string;
            en: string;
            basis: components["schemas"]["Basis"][];
            /**
             * Format: int32
             * @description The input row that it speaks of, from 0.
             */
            item?: number | null;
        };
        /** @description 为什么到我这里. */
        ExplanationView: {
            /**
             * @description The sentences below in one text, in the language of the caller.
             * @example “初审”已同意，流程到达“复核”（第1轮）。本环节由本项目所在市级的“资金复核”岗位办理，由一人认领办理。
             */
            text: string;
            /** @description How it came here, who may decide it, by when. */
            reasons: components["schemas"]["Sentence"][];
            /** @example fund_reviewer */
            pool_role?: string | null;
            /**
             * @description Path of the division whose people may decide it.
             * @example 37/3799/
             */
            pool_org?: string | null;
            /**
             * Format: int32
             * @example 1
             */
            round: number;
            /** @example fund-use */
            definition_key: string;
            /**
             * Format: int64
             * @example 1
             */
            definition_version: number;
            /** @description 可退回的环节. */
            return_targets: components["schemas"]["ReturnTarget"][];
        };
        /** @description A fact as it is known. */
        FactView: {
            /** @example project */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            /** @example fund.balance */
            name: string;
            value: Record<string, never>;
            /** Format: date */
            valid_from: string;
            known_from: components["schemas"]["Timestamp"];
            /**
             * Format: uuid
             * @description The event that made it known.
             */
            event_id: string;
        };
        /** @description What the fund knows of one house. */
        Figures: {
            /**
             * @description State of the first deposit: `none`, `due`, `paid_pending`, `partly_paid`, `posted`.
             * @example posted
             */
            deposit_state: string;
            due: components["schemas"]["Money"];
            balance: components["schemas"]["Money"];
            held: components["schemas"]["Money"];
        };
        /** @description File the use (备案), in a city without a flow. */
        FileUse: {
            /** @example 同意 */
            opinion?: string | null;
        };
        /** @description The final share of one house. */
        FinalShare: {
            house_id: components["schemas"]["HouseId"];
            /** @example 379901200012001000013 */
            house_code: string;
            /** @description Of the audited amount. */
            final_share: components["schemas"]["Money"];
            paid_before: components["schemas"]["Money"];
            /** @description Paid now; negative is a credit. */
            last: components["schemas"]["Money"];
            /** @description Given back when the bank has confirmed. */
            hold_released: components["schemas"]["Money"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        FundAccountId: string;
        /** @description A fund account (资金账户). */
        FundAccountView: {
            id: components["schemas"]["FundAccountId"];
            /**
             * @description `W` + city + pool + serial + check digit.
             * @example W37990100000000011
             */
            account_no: string;
            /** @example 01 */
            pool_code: string;
            kind: components["schemas"]["AccountKind"];
            state: components["schemas"]["AccountState"];
            house_id?: components["schemas"]["HouseId"] | null;
            building_id?: components["schemas"]["BuildingId"] | null;
            project_id?: components["schemas"]["ProjectId"] | null;
            /** @description 本金. */
            principal: components["schemas"]["Money"];
            /** @description 收益. */
            income: components["schemas"]["Money"];
            /** @description Principal and income. */
            balance: components["schemas"]["Money"];
            /** @description Active holds. */
            held: components["schemas"]["Money"];
            /** @description `balance` − `held`. */
            available: components["schemas"]["Money"];
            /** Format: date */
            opened_on: string;
        };
        /** @description One line of an account's statement. */
        FundEntryView: {
            /**
             * Format: int64
             * @description Number in the account, from 1 without a gap.
             * @example 1
             */
            seq: number;
            /**
             * @description 业务号.
             * @example 20261203010000017
             */
            posting_no: string;
            /**
             * @description Posting code.
             * @example MF14
             */
            code: string;
            bucket: components["schemas"]["Bucket"];
            /** @description Plus a credit, minus a debit. */
            amount: components["schemas"]["Money"];
            /** @description Of the bucket, after this line. */
            balance_after: components["schemas"]["Money"];
            /** Format: date */
            value_date: string;
            /** Format: date */
            bank_date?: string | null;
            /** @example 1号楼电梯大修 预付款 */
            summary: string;
            /**
             * @description Number of the deposit or use.
             * @example 37990020261117000001X
             */
            subject_no?: string | null;
            /** @description How a share came about: cost, weight, weight_total, floor, remainder, fen_added, share, plugin. */
            formula?: Record<string, never> | null;
        };
        /** @description 小区资金 with its sums. */
        FundProjectView: {
            project_id: components["schemas"]["ProjectId"];
            /** @example 379901200012 */
            project_code: string;
            /** @example 悦海花园 */
            project_name: string;
            /** @example 01 */
            pool_code: string;
            bank_account_id: components["schemas"]["BankAccountId"];
            management: components["schemas"]["Management"];
            state: components["schemas"]["FundState"];
            /**
             * Format: int64
             * @description Houses that count for the fund.
             * @example 210
             */
            houses: number;
            area: components["schemas"]["Area"];
            /** @description 首期应交额. */
            first_due: components["schemas"]["Money"];
            deposited: components["schemas"]["Money"];
            balance: components["schemas"]["Money"];
            held: components["schemas"]["Money"];
            available: components["schemas"]["Money"];
            /** Format: int64 */
            version: number;
        };
        /**
         * @description State of a project's fund.
         * @enum {string}
         */
        FundState: "planned" | "registered" | "active" | "self_managed" | "closed";
        /** @description An account of the chart (科目) with its turnover. */
        GlAccountView: {
            /** @example SP01 */
            set_code: string;
            /** @example 100101 */
            code: string;
            /** @example 商品住宅维修资金存款 */
            name: string;
            /**
             * @description `asset`, `liability`, `net_assets`, `income` or `expenditure`.
             * @example asset
             */
            class: string;
            /**
             * @description Normal side: `debit` or `credit`.
             * @example debit
             */
            side: string;
            /** @example 1001 */
            parent_code?: string | null;
            /** @example enabled */
            state: string;
            /** @description All debits ever. */
            debit: components["schemas"]["Money"];
            /** @description All credits ever. */
            credit: components["schemas"]["Money"];
        };
        /** @description A page of the feed: whole vouchers. */
        GlLinePage: {
            items: components["schemas"]["GlLineView"][];
            /**
             * @description Give it as `after` to go on; opaque.
             * @example 212
             */
            next: string;
        };
        /** @description One line of the general ledger, under its voucher. */
        GlLineView: {
            /**
             * @description 凭证号.
             * @example SP01-付-202612-000003
             */
            voucher_no: string;
            /** @example 20261203010000017 */
            posting_no: string;
            /**
             * Format: int64
             * @example 1
             */
            line: number;
            /** @example 2026-12 */
            month: string;
            /** Format: date */
            accounting_on: string;
            /** @example 500101 */
            account_code: string;
            project_id?: components["schemas"]["ProjectId"] | null;
            bank_account_id?: components["schemas"]["BankAccountId"] | null;
            /** @example household */
            holder_kind?: string | null;
            debit: components["schemas"]["Money"];
            credit: components["schemas"]["Money"];
            /** @example 1号楼电梯大修 预付款 */
            summary: string;
        };
        /** @description One cell of the 楼盘表. */
        GridHouse: (components["schemas"]["Figures"] | null) & {
            id: components["schemas"]["HouseId"];
            /** @example 379901200012001000013 */
            code: string;
            unit_id: components["schemas"]["UnitId"];
            /** @example 1 */
            unit_name: string;
            /**
             * Format: int64
             * @example 3
             */
            floor: number;
            /** @example 301 */
            room: string;
            /** @example residential */
            use: string;
            area: components["schemas"]["Area"];
            state: components["schemas"]["HouseState"];
            /**
             * Format: int64
             * @description How many owners the register has.
             * @example 1
             */
            owners: number;
        };
        /** @description 楼盘表 of one building: floors from the top down, units from left to right. */
        GridView: {
            building: components["schemas"]["BuildingView"];
            /** @example 悦海花园 */
            project_name: string;
            units: components["schemas"]["UnitView"][];
            /**
             * @description Floors that have a house, the highest first.
             * @example [
             *       3,
             *       2,
             *       1
             *     ]
             */
            floors: number[];
            houses: components["schemas"]["GridHouse"][];
            /** @description Whether the cells carry money: only for those who read single deposits. */
            figures: boolean;
        };
        /** @description One part. */
        HealthPart: {
            /**
             * @description `platform`, or the slug of a tenant for its database.
             * @example platform
             */
            name: string;
            ok: boolean;
            /**
             * Format: int64
             * @description How long it took to answer.
             * @example 1
             */
            answer_ms: number;
        };
        /** @description Health of the estate. */
        HealthView: {
            /** @description All parts answer. */
            ok: boolean;
            /** @example 0.1.0 */
            version: string;
            now: components["schemas"]["Timestamp"];
            simulated_clock: boolean;
            /**
             * Format: int64
             * @example 2
             */
            tenants: number;
            parts: components["schemas"]["HealthPart"][];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        HoldId: string;
        /**
         * @description Why money is held: 使用, 退款, 司法, 争议, 行政. A judicial hold may be more than there is.
         * @enum {string}
         */
        HoldKind: "use" | "refund" | "judicial" | "dispute" | "admin";
        /**
         * @description `consumed`: paid to the last fen; `released`: given back.
         * @enum {string}
         */
        HoldState: "active" | "released" | "consumed" | "expired";
        /** @description A hold on one account. */
        HoldView: {
            id: components["schemas"]["HoldId"];
            fund_account_id: components["schemas"]["FundAccountId"];
            house_id?: components["schemas"]["HouseId"] | null;
            /** @description What is still held; for a released one what was given back. */
            amount: components["schemas"]["Money"];
            /** @description What was held at first. */
            placed: components["schemas"]["Money"];
            kind: components["schemas"]["HoldKind"];
            state: components["schemas"]["HoldState"];
            /** @example fund.use */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            placed_at: components["schemas"]["Timestamp"];
        };
        /** @description A house with all that the register knows of it but its owners. */
        HouseDetail: {
            id: components["schemas"]["HouseId"];
            /** @example 379901200012001000013 */
            code: string;
            project_id: components["schemas"]["ProjectId"];
            /** @example 悦海花园 */
            project_name: string;
            building_id: components["schemas"]["BuildingId"];
            /** @example 1 */
            building_name: string;
            unit_id: components["schemas"]["UnitId"];
            /** @example 1 */
            unit_name: string;
            /**
             * Format: int64
             * @example 3
             */
            floor: number;
            /** @example 301 */
            room: string;
            /** @example residential */
            use: string;
            /** @example commodity */
            nature: string;
            /** @description The area that counts: registered, else surveyed, else contract. */
            area: components["schemas"]["Area"];
            area_registered?: components["schemas"]["Area"] | null;
            area_surveyed?: components["schemas"]["Area"] | null;
            area_contract?: components["schemas"]["Area"] | null;
            area_inner?: components["schemas"]["Area"] | null;
            area_shared?: components["schemas"]["Area"] | null;
            has_lift: boolean;
            /** @description Counts for the fund, for votes and for allocation. */
            countable: boolean;
            /** @description 不动产单元号. */
            registry_no?: string | null;
            sale_price?: components["schemas"]["Money"] | null;
            contract_no?: string | null;
            standard_code?: string | null;
            remarks?: string | null;
            /** Format: date */
            delivered_on?: string | null;
            state: components["schemas"]["HouseState"];
            /** Format: int64 */
            version: number;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        HouseId: string;
        /**
         * @description 房屋状态.
         * @enum {string}
         */
        HouseState: "presale" | "sold" | "delivered" | "registered" | "split" | "merged" | "destroyed";
        /** @description A house as lists show it. */
        HouseView: {
            id: components["schemas"]["HouseId"];
            /** @example 379901200012001000013 */
            code: string;
            project_id: components["schemas"]["ProjectId"];
            building_id: components["schemas"]["BuildingId"];
            /** @example 1 */
            building_name: string;
            unit_id: components["schemas"]["UnitId"];
            /** @example 1 */
            unit_name: string;
            /**
             * Format: int64
             * @example 3
             */
            floor: number;
            /** @example 301 */
            room: string;
            /**
             * @description Code of the dictionary `house_use`.
             * @example residential
             */
            use: string;
            /**
             * @description Code of the dictionary `house_nature`.
             * @example commodity
             */
            nature: string;
            area: components["schemas"]["Area"];
            state: components["schemas"]["HouseState"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        ImportId: string;
        /** @description An import with the job that works on it. */
        ImportJobView: {
            import: components["schemas"]["ImportView"];
            job: components["schemas"]["JobBrief"];
        };
        /**
         * @description State of an import.
         * @enum {string}
         */
        ImportState: "checking" | "checked" | "committing" | "committed" | "failed" | "cancelled";
        /** @description 导入. */
        ImportView: {
            id: components["schemas"]["ImportId"];
            template: components["schemas"]["Template"];
            document_id: components["schemas"]["DocumentId"];
            project_id?: components["schemas"]["ProjectId"] | null;
            bank_account_id?: components["schemas"]["BankAccountId"] | null;
            /** Format: date */
            business_date: string;
            row_policy: components["schemas"]["RowPolicy"];
            state: components["schemas"]["ImportState"];
            /**
             * Format: int64
             * @example 210
             */
            rows: number;
            /**
             * Format: int64
             * @example 210
             */
            ok_rows: number;
            /**
             * Format: int64
             * @example 0
             */
            error_rows: number;
            /**
             * Format: int64
             * @example 0
             */
            warning_rows: number;
            created?: components["schemas"]["CreatedCounts"] | null;
            /**
             * Format: int64
             * @description Postings of a committed deposit table.
             * @example 109
             */
            posted: number;
            amount: components["schemas"]["Money"];
            /** @description Why the whole file could not be read or written. */
            failure?: string | null;
            job_id?: components["schemas"]["JobId"] | null;
            created_at: components["schemas"]["Timestamp"];
            /** Format: int64 */
            version: number;
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        IncidentId: string;
        IncidentView: {
            id: components["schemas"]["IncidentId"];
            instance_id: components["schemas"]["InstanceId"];
            /**
             * @description Id of the BPMN element.
             * @example decide_amount
             */
            element: string;
            /**
             * @description `condition`, `topic`, `rule`, `calendar` or `no_candidate`.
             * @example condition
             */
            kind: string;
            /**
             * @description The variable, topic, rule point, year or role concerned.
             * @example amount
             */
            about: string;
            /** @example “金额”的条件得不出真假：请检查变量“amount” */
            cause: string;
            /**
             * @description `open` or `resolved`.
             * @example open
             */
            state: string;
            opened_at: components["schemas"]["Timestamp"];
            resolved_at?: components["schemas"]["Timestamp"] | null;
        };
        /** @description 流程实例 with where it stands. */
        InstanceBrief: {
            id: components["schemas"]["InstanceId"];
            /** @example fund.use */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            /** @example 37990020260924000017V */
            subject_no: string;
            /** @example 1号楼电梯大修 */
            title: string;
            /**
             * @description `running`, `suspended`, `completed`, `rejected`, `withdrawn` or `terminated`.
             * @example running
             */
            state: string;
            /**
             * Format: int32
             * @description Counts submissions.
             * @example 1
             */
            round: number;
            /** @description Sent back: it lies with its applicant. */
            awaiting_applicant: boolean;
            /** @description Why it stands still, if it does. */
            incident?: string | null;
            /** @example fund-use */
            definition_key: string;
            /**
             * Format: int64
             * @example 1
             */
            definition_version: number;
            started_at: components["schemas"]["Timestamp"];
            ended_at?: components["schemas"]["Timestamp"] | null;
            due_at?: components["schemas"]["Timestamp"] | null;
            /** @description The clock stands still while the applicant mends. */
            clock_paused: boolean;
            steps: components["schemas"]["Step"][];
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        InstanceId: string;
        /** @description 流程实例 in short. */
        InstanceView: {
            id: components["schemas"]["InstanceId"];
            /**
             * @description `running`, `suspended`, `completed`, `rejected`, `withdrawn` or `terminated`.
             * @example running
             */
            state: string;
        };
        /** @description Takes an invitation and sets the first password. */
        InvitationAccept: {
            /**
             * @description As it stood in the invitation.
             * @example 4kT0…
             */
            token: string;
            /** @example Tide-Crane-40 */
            password: string;
        };
        /** @description Whose account it is, for the sign-in that follows. */
        InvitationAccepted: {
            /** @example wang.li */
            login_name: string;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        InvitationId: string;
        /** @description A new invitation; its token is shown this once. */
        InvitationView: {
            id: components["schemas"]["InvitationId"];
            /**
             * @description Absent when a request is repeated under its key: secrets are never kept.
             * @example 4kT0…
             */
            token?: string | null;
            expires_at: components["schemas"]["Timestamp"];
        };
        /** @description The job of an import as it was ordered. */
        JobBrief: {
            id: components["schemas"]["JobId"];
            state: components["schemas"]["JobState"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        JobId: string;
        /**
         * @description State of a job.
         * @enum {string}
         */
        JobState: "queued" | "running" | "done" | "failed" | "cancelled";
        /** @description A job as its orderer sees it. */
        JobView: {
            id: components["schemas"]["JobId"];
            /** @example fund.import.check */
            kind: string;
            state: components["schemas"]["JobState"];
            /**
             * Format: int64
             * @description Items that are through, of `total`.
             * @example 210
             */
            done: number;
            /**
             * Format: int64
             * @example 210
             */
            total: number;
            /**
             * Format: int64
             * @description Items that could not be done.
             * @example 0
             */
            failed: number;
            /** @description Why the whole job failed. */
            error?: string | null;
            created_at: components["schemas"]["Timestamp"];
            finished_at?: components["schemas"]["Timestamp"] | null;
        };
        /** @description A ledger set (账套). */
        LedgerSetView: {
            /** @example SP01 */
            code: string;
            /** @example 商品住宅专项维修资金账套 */
            name: string;
            /**
             * @description `commodity`, `sold_public` or `simple`.
             * @example commodity
             */
            kind: string;
            /**
             * @description What one voucher holds.
             * @example event
             */
            grouping: string;
            /**
             * @description `setup`, `opening_balanced`, `running` or `ended`.
             * @example running
             */
            state: string;
        };
        /** @description One thing that is wrong in a statement file. */
        LineProblem: {
            /**
             * Format: int64
             * @description Line of the file, from 1.
             * @example 11
             */
            line: number;
            /**
             * @description Stable code.
             * @example balance_chain
             */
            code: string;
            /**
             * @description What is wrong, in Chinese.
             * @example 余额应为1948554.21，文件为1948555.21
             */
            message: string;
        };
        /**
         * @description Who keeps the money: the office in trust (代管) or the owners' assembly (自行管理).
         * @enum {string}
         */
        Management: "trust" | "self";
        /**
         * @description 管理方式.
         * @enum {string}
         */
        ManagementMode: "company" | "self" | "other_manager" | "emergency" | "unmanaged";
        /** @description A member, his name masked. */
        MemberView: {
            /** @example 张** */
            name: string;
            duty: components["schemas"]["Duty"];
            /** @example 379901200012001000013 */
            house_code: string;
        };
        /**
         * @description 产权方式.
         * @enum {string}
         */
        Mode: "sole" | "joint" | "by_share";
        /**
         * @description 人民币 in fen (分), −9.2×10¹⁶ … 9.2×10¹⁶ CNY. JSON and text form: a string with exactly two decimals, `"1234.50"`.
         *
         *     There is no `From<f64>`, no `Mul<f64>` and no division: divide with [`crate::largest_remainder`].
         * @example 1234.50
         */
        Money: string;
        /** @description 分户账 of a house. */
        MyAccount: {
            id: components["schemas"]["FundAccountId"];
            /** @example W37990100000000011 */
            account_no: string;
            principal: components["schemas"]["Money"];
            income: components["schemas"]["Money"];
            balance: components["schemas"]["Money"];
            held: components["schemas"]["Money"];
            available: components["schemas"]["Money"];
        };
        /** @description 我的房屋. */
        MyHouse: {
            house_id: components["schemas"]["HouseId"];
            /** @example 379901200012001000013 */
            code: string;
            project_id: components["schemas"]["ProjectId"];
            /** @example 悦海花园 */
            project_name: string;
            /** @example 1 */
            building_name: string;
            /** @example 1 */
            unit_name: string;
            /**
             * Format: int64
             * @example 3
             */
            floor: number;
            /** @example 0301 */
            room: string;
            area: components["schemas"]["Area"];
            first_due?: components["schemas"]["Money"] | null;
            fund_account?: components["schemas"]["MyAccount"] | null;
        };
        /** @description 我出资的维修: a work with the share of one of my houses and how it came about. */
        MyWork: {
            use_id: components["schemas"]["UseId"];
            /** @example 37990020261116000001K */
            no: string;
            /** @example 1号楼电梯大修 */
            title: string;
            /** @example lift */
            part: string;
            state: components["schemas"]["UseState"];
            budget: components["schemas"]["Money"];
            audited_amount?: components["schemas"]["Money"] | null;
            /**
             * Format: int64
             * @description Houses that share.
             * @example 72
             */
            houses: number;
            share: components["schemas"]["ShareView"];
            plugin?: components["schemas"]["PluginRef"] | null;
            /** @description What the rules say about the shares, in Chinese. */
            explained: string[];
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description A member by name and by the house that he owns. */
        NewMember: {
            /** @example 张建国 */
            name: string;
            /** @example 379901200012001000013 */
            house_code: string;
            duty: components["schemas"]["Duty"];
        };
        /** @description What is new in the inbox. */
        NoticeCount: {
            /**
             * Format: int64
             * @description At most 1,000.
             * @example 3
             */
            unread: number;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        NoticeId: string;
        /** @description A message as its recipient sees it. */
        NoticeView: {
            id: components["schemas"]["NoticeId"];
            /** @example fund.paid */
            template: string;
            title: string;
            body: string;
            /** @example fund.use */
            subject_kind?: string | null;
            /** Format: uuid */
            subject_id?: string | null;
            created_at: components["schemas"]["Timestamp"];
            read_at?: components["schemas"]["Timestamp"] | null;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        ObjectionId: string;
        /**
         * @description 异议状态.
         * @enum {string}
         */
        ObjectionState: "open" | "answered" | "upheld";
        /** @description An objection; who made it is not said. */
        ObjectionView: {
            id: components["schemas"]["ObjectionId"];
            publicity_id: components["schemas"]["PublicityId"];
            project_id: components["schemas"]["ProjectId"];
            /** @example 请说明三家报价 */
            text: string;
            answer?: string | null;
            answered_at?: components["schemas"]["Timestamp"] | null;
            /** @description Made by the asking account. */
            mine: boolean;
            state: components["schemas"]["ObjectionState"];
            allowed_actions: components["schemas"]["AllowedAction"][];
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description Open the vote (发起表决). */
        OpenVote: {
            /** Format: date */
            opens_on: string;
            /**
             * Format: date
             * @description 7 to 30 days later (the city's setting); the vote is open until the end of this day.
             */
            closes_on: string;
            channel: components["schemas"]["VoteChannel"];
        };
        /** @description What somebody said when he took a step. */
        Opinion: {
            step: components["schemas"]["OrderStep"];
            account_id?: components["schemas"]["AccountId"] | null;
            /**
             * @description Role in which the step was taken.
             * @example fund_reviewer
             */
            role: string;
            /** @example 收款单位与合同一致 */
            opinion?: string | null;
            at: components["schemas"]["Timestamp"];
        };
        /** @description The order of a payment. */
        OrderBrief: {
            id: components["schemas"]["PaymentOrderId"];
            /** @example P202611230000017 */
            order_no: string;
            state: components["schemas"]["OrderState"];
        };
        /**
         * @description 拟制 → 复核 → 签发 → 发送 → 银行受理 → 已付, or 失败, 退汇, 撤销.
         * @enum {string}
         */
        OrderState: "created" | "checked" | "signed" | "sent" | "accepted" | "paid" | "failed" | "returned" | "cancelled";
        /**
         * @description A step that a person takes on an order.
         * @enum {string}
         */
        OrderStep: "check" | "sign" | "send" | "cancel";
        /**
         * @description 企业来源.
         * @enum {string}
         */
        Origin: "local" | "outside";
        /** @description An owner of a house, masked: `张**`. */
        OwnerView: {
            ownership_id: components["schemas"]["OwnershipId"];
            party_kind: components["schemas"]["PartyKind"];
            /**
             * @description Person: first character and two stars; organisation: its name.
             * @example 张**
             */
            name: string;
            /** @example resident_id */
            id_type: string;
            /**
             * @description First and last four.
             * @example 3701**********0041
             */
            id_number: string;
            /** @example 138****5678 */
            mobile?: string | null;
            mode: components["schemas"]["Mode"];
            /**
             * Format: int64
             * @example 1
             */
            share_num: number;
            /**
             * Format: int64
             * @example 1
             */
            share_den: number;
            is_main: boolean;
            /**
             * @description Where the register has it from: import, registry, contract.
             * @example import
             */
            source: string;
            /** Format: date */
            from: string;
            /** Format: date */
            to?: string | null;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        OwnershipId: string;
        /** @description 城市包 as installed. */
        PackView: {
            /** @example coast */
            code: string;
            /** @example 1.0.0 */
            version: string;
            /** @example 海天市 */
            name: string;
            /** @description SHA-256 over its files. */
            digest: string;
            /**
             * @description `uploaded`, `installed` or `superseded`.
             * @example installed
             */
            state: string;
            installed_at: components["schemas"]["Timestamp"];
        };
        /** @description 一个 `.linli-plugin` 文件. */
        PackageUpload: {
            /**
             * Format: binary
             * @description The package, at most 24 MiB.
             */
            file: string;
        };
        /** @description 插件包 as people see it. */
        PackageView: {
            /**
             * @description SHA-256 of the manifest: the identity of the package.
             * @example 1f918a18bfc48c06acd4978b895cf12d67a541db966b025d9f5ffff18cc1941e
             */
            digest: string;
            /** @example cn.linli.fund.area-proportional */
            plugin_id: string;
            /** @example 1.0.0 */
            version: string;
            /** @example rule */
            kind: string;
            /** @example linli:rules/allocation@1.0.0 */
            world: string;
            /** @example 按建筑面积比例分摊 */
            title: string;
            /**
             * @description Points that it may be bound to.
             * @example [
             *       "allocation.weights"
             *     ]
             */
            points: string[];
            /**
             * Format: int64
             * @description Bytes.
             * @example 26595
             */
            size: number;
            /** @example dc459813943fc212 */
            signer_key: string;
            /**
             * @description `product` (shipped), `own` (uploaded here) or `province`.
             * @example product
             */
            origin: string;
            /**
             * @description `active` while a binding in force uses it, else `tested`; `withdrawn`.
             * @example active
             */
            state: string;
            uploaded_by?: components["schemas"]["AccountId"] | null;
            uploaded_at: components["schemas"]["Timestamp"];
            /** @description JSON Schema of its parameters. */
            params_schema: Record<string, never>;
            tests: components["schemas"]["TestSummary"];
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_AccountView: {
            items: {
                id: components["schemas"]["AccountId"];
                /** @example wang.li */
                login_name: string;
                kind: components["schemas"]["PersonAccountKind"];
                /** @example 王丽 */
                name: string;
                mail?: string | null;
                person_id?: components["schemas"]["PersonId"] | null;
                /**
                 * Format: int64
                 * @description How well the person is known, 1 to 5.
                 * @example 3
                 */
                assurance: number;
                /**
                 * @description `invited`, `active`, `locked`, `suspended`, `frozen`, `left` or `cancelled`.
                 * @example invited
                 */
                state: string;
                /** Format: int64 */
                version: number;
                created_at: components["schemas"]["Timestamp"];
                invitation?: components["schemas"]["InvitationView"] | null;
                allowed_actions: components["schemas"]["AllowedAction"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_BankAccountView: {
            items: {
                id: components["schemas"]["BankAccountId"];
                /** @example 01 */
                pool_code: string;
                /** @example BOC */
                bank: string;
                /** @example ************0123 */
                number: string;
                /** @example 维修资金专户 */
                holder_name: string;
                kind: components["schemas"]["BankKind"];
                connector: components["schemas"]["Connector"];
                /** Format: date */
                opened_on: string;
                state: components["schemas"]["BankState"];
                /** Format: int64 */
                version: number;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_BindingView: {
            items: {
                id: components["schemas"]["BindingId"];
                /**
                 * @description As typed; whether such a house exists is not told.
                 * @example 379901200012001000013
                 */
                house_code: string;
                house_id?: components["schemas"]["HouseId"] | null;
                project_id?: components["schemas"]["ProjectId"] | null;
                role: components["schemas"]["BindingRole"];
                /** @example 张** */
                name: string;
                /** @example 3701**********0041 */
                id_number: string;
                state: components["schemas"]["BindingState"];
                reason?: string | null;
                /** Format: date */
                from?: string | null;
                /** Format: date */
                until?: string | null;
                allowed_actions: components["schemas"]["AllowedAction"][];
                /** Format: int64 */
                version: number;
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_BuildingView: {
            items: {
                id: components["schemas"]["BuildingId"];
                project_id: components["schemas"]["ProjectId"];
                /** @example 379901200012001 */
                code: string;
                /**
                 * @description As people say it.
                 * @example 1
                 */
                name: string;
                /**
                 * Format: int64
                 * @example 18
                 */
                floors: number;
                has_lift: boolean;
                /**
                 * Format: int64
                 * @example 2
                 */
                units: number;
                /**
                 * Format: int64
                 * @example 72
                 */
                houses: number;
                area: components["schemas"]["Area"];
                state: components["schemas"]["BuildingState"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_CellView: {
            items: {
                /** Format: uuid */
                id: string;
                /** @example configured */
                name: string;
                /**
                 * @description `postgres` or `sqlite`.
                 * @example postgres
                 */
                kind: string;
                /**
                 * Format: int64
                 * @example 30
                 */
                capacity: number;
                /**
                 * Format: int64
                 * @example 2
                 */
                tenants: number;
                /**
                 * @description `active`, `full`, `draining` or `closed`.
                 * @example active
                 */
                state: string;
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_CommitteeView: {
            items: {
                id: components["schemas"]["CommitteeId"];
                /**
                 * @description Readable number: `CM` + day + serial.
                 * @example CM20261116000001
                 */
                no: string;
                project_id: components["schemas"]["ProjectId"];
                kind: components["schemas"]["CommitteeKind"];
                /** @example 悦海花园第一届业主委员会 */
                name: string;
                /**
                 * Format: int64
                 * @example 1
                 */
                term_no: number;
                /** Format: date */
                from: string;
                /** Format: date */
                to: string;
                /**
                 * Format: int64
                 * @example 5
                 */
                seats: number;
                state: components["schemas"]["CommitteeState"];
                /** @description Empty in lists. */
                members: components["schemas"]["MemberView"][];
                /** Format: int64 */
                version: number;
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_CompanyView: {
            items: {
                id: components["schemas"]["CompanyId"];
                /** @example 滨城物业服务有限公司 */
                name: string;
                /** @example 91379901MA3EXAMPL5 */
                uscc: string;
                /**
                 * @example [
                 *       "property"
                 *     ]
                 */
                trades: string[];
                origin: components["schemas"]["Origin"];
                /**
                 * @description Masked: `周**`.
                 * @example 周**
                 */
                legal_rep?: string | null;
                /** @example 379901000000 */
                area_code: string;
                state: components["schemas"]["CompanyState"];
                /** Format: int64 */
                version: number;
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_CorrectionView: {
            items: {
                id: components["schemas"]["CorrectionId"];
                /** @example 37990020261124000004P */
                no: string;
                deposit_id: components["schemas"]["DepositId"];
                project_id: components["schemas"]["ProjectId"];
                house_id: components["schemas"]["HouseId"];
                /**
                 * @description The posting that is to be reversed.
                 * @example 20261116010000017
                 */
                posting_no: string;
                amount: components["schemas"]["Money"];
                reason: string;
                opinion?: string | null;
                state: components["schemas"]["CorrectionState"];
                /** @description The reversal (MF28). */
                reversal_no?: string | null;
                created_at: components["schemas"]["Timestamp"];
                /** Format: int64 */
                version: number;
                allowed_actions: components["schemas"]["AllowedAction"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_DefinitionView: {
            items: {
                id: components["schemas"]["DefinitionId"];
                /** @example fund-use */
                key: string;
                /**
                 * Format: int64
                 * @example 1
                 */
                version: number;
                /** @example 维修资金使用 */
                name: string;
                /**
                 * @description `checked`, `published`, `retired`.
                 * @example published
                 */
                state: string;
                /** @description SHA-256 of the file. */
                bundle_hash: string;
                /** @description Warnings of the last check; a definition with errors is not kept. */
                diagnostics: components["schemas"]["Diagnostic"][];
                created_at: components["schemas"]["Timestamp"];
                published_at?: components["schemas"]["Timestamp"] | null;
                /** @description The file, in the answer for one definition. */
                xml?: string | null;
                allowed_actions: components["schemas"]["AllowedAction"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_DepositView: {
            items: {
                id: components["schemas"]["DepositId"];
                /** @example DP20261116000001 */
                no: string;
                project_id: components["schemas"]["ProjectId"];
                house_id: components["schemas"]["HouseId"];
                /** @example 379901200012001000013 */
                house_code: string;
                kind: components["schemas"]["DepositKind"];
                amount: components["schemas"]["Money"];
                /** @description What was still due when it was recorded, by the standard or the share. */
                due: components["schemas"]["Money"];
                bank_account_id: components["schemas"]["BankAccountId"];
                /** Format: date */
                bank_date: string;
                /** @example BK110000004 */
                bank_serial: string;
                payer?: string | null;
                receipt_no?: string | null;
                remarks?: string | null;
                use_id?: components["schemas"]["UseId"] | null;
                state: components["schemas"]["DepositState"];
                reason?: string | null;
                posting_no?: string | null;
                /**
                 * @description Posting code: `MF01`, `MF02` or `MF03`.
                 * @example MF01
                 */
                code?: string | null;
                /** @description Whether it was reversed (红冲). */
                corrected: boolean;
                created_at: components["schemas"]["Timestamp"];
                /** Format: int64 */
                version: number;
                allowed_actions: components["schemas"]["AllowedAction"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_DictBrief: {
            items: {
                /** @example house_use */
                code: string;
                /** @example 房屋用途 */
                name: string;
                /** @description Whether a city may add entries. */
                extensible: boolean;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_Division: {
            items: {
                /**
                 * @description 12 digits.
                 * @example 379901001000
                 */
                code: string;
                /** @example 望海街道 */
                name: string;
                /**
                 * @description `province`, `city`, `district`, `street` or `community`.
                 * @example street
                 */
                level: string;
                /**
                 * @description Codes from the province down: what `area_path` of every business row begins with.
                 * @example 37/3799/379901/379901001/
                 */
                path: string;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_DocumentView: {
            items: {
                id: components["schemas"]["DocumentId"];
                /**
                 * @description Entry of the dictionary `document_kind`.
                 * @example contract
                 */
                kind: string;
                /** @example 电梯大修施工合同 */
                title: string;
                /** @example application/pdf */
                media_type: string;
                /** @example contract.pdf */
                file_name: string;
                /**
                 * Format: int64
                 * @description Bytes.
                 * @example 20480
                 */
                size: number;
                /** @description 64 hexadecimal digits. */
                sha256: string;
                /** @description 64 hexadecimal digits. */
                sm3: string;
                scan_state: components["schemas"]["ScanState"];
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_FactView: {
            items: {
                /** @example project */
                subject_kind: string;
                /** Format: uuid */
                subject_id: string;
                /** @example fund.balance */
                name: string;
                value: Record<string, never>;
                /** Format: date */
                valid_from: string;
                known_from: components["schemas"]["Timestamp"];
                /**
                 * Format: uuid
                 * @description The event that made it known.
                 */
                event_id: string;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_FundAccountView: {
            items: {
                id: components["schemas"]["FundAccountId"];
                /**
                 * @description `W` + city + pool + serial + check digit.
                 * @example W37990100000000011
                 */
                account_no: string;
                /** @example 01 */
                pool_code: string;
                kind: components["schemas"]["AccountKind"];
                state: components["schemas"]["AccountState"];
                house_id?: components["schemas"]["HouseId"] | null;
                building_id?: components["schemas"]["BuildingId"] | null;
                project_id?: components["schemas"]["ProjectId"] | null;
                /** @description 本金. */
                principal: components["schemas"]["Money"];
                /** @description 收益. */
                income: components["schemas"]["Money"];
                /** @description Principal and income. */
                balance: components["schemas"]["Money"];
                /** @description Active holds. */
                held: components["schemas"]["Money"];
                /** @description `balance` − `held`. */
                available: components["schemas"]["Money"];
                /** Format: date */
                opened_on: string;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_FundProjectView: {
            items: {
                project_id: components["schemas"]["ProjectId"];
                /** @example 379901200012 */
                project_code: string;
                /** @example 悦海花园 */
                project_name: string;
                /** @example 01 */
                pool_code: string;
                bank_account_id: components["schemas"]["BankAccountId"];
                management: components["schemas"]["Management"];
                state: components["schemas"]["FundState"];
                /**
                 * Format: int64
                 * @description Houses that count for the fund.
                 * @example 210
                 */
                houses: number;
                area: components["schemas"]["Area"];
                /** @description 首期应交额. */
                first_due: components["schemas"]["Money"];
                deposited: components["schemas"]["Money"];
                balance: components["schemas"]["Money"];
                held: components["schemas"]["Money"];
                available: components["schemas"]["Money"];
                /** Format: int64 */
                version: number;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_GlAccountView: {
            items: {
                /** @example SP01 */
                set_code: string;
                /** @example 100101 */
                code: string;
                /** @example 商品住宅维修资金存款 */
                name: string;
                /**
                 * @description `asset`, `liability`, `net_assets`, `income` or `expenditure`.
                 * @example asset
                 */
                class: string;
                /**
                 * @description Normal side: `debit` or `credit`.
                 * @example debit
                 */
                side: string;
                /** @example 1001 */
                parent_code?: string | null;
                /** @example enabled */
                state: string;
                /** @description All debits ever. */
                debit: components["schemas"]["Money"];
                /** @description All credits ever. */
                credit: components["schemas"]["Money"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_HoldView: {
            items: {
                id: components["schemas"]["HoldId"];
                fund_account_id: components["schemas"]["FundAccountId"];
                house_id?: components["schemas"]["HouseId"] | null;
                /** @description What is still held; for a released one what was given back. */
                amount: components["schemas"]["Money"];
                /** @description What was held at first. */
                placed: components["schemas"]["Money"];
                kind: components["schemas"]["HoldKind"];
                state: components["schemas"]["HoldState"];
                /** @example fund.use */
                subject_kind: string;
                /** Format: uuid */
                subject_id: string;
                placed_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_HouseView: {
            items: {
                id: components["schemas"]["HouseId"];
                /** @example 379901200012001000013 */
                code: string;
                project_id: components["schemas"]["ProjectId"];
                building_id: components["schemas"]["BuildingId"];
                /** @example 1 */
                building_name: string;
                unit_id: components["schemas"]["UnitId"];
                /** @example 1 */
                unit_name: string;
                /**
                 * Format: int64
                 * @example 3
                 */
                floor: number;
                /** @example 301 */
                room: string;
                /**
                 * @description Code of the dictionary `house_use`.
                 * @example residential
                 */
                use: string;
                /**
                 * @description Code of the dictionary `house_nature`.
                 * @example commodity
                 */
                nature: string;
                area: components["schemas"]["Area"];
                state: components["schemas"]["HouseState"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_ImportView: {
            items: {
                id: components["schemas"]["ImportId"];
                template: components["schemas"]["Template"];
                document_id: components["schemas"]["DocumentId"];
                project_id?: components["schemas"]["ProjectId"] | null;
                bank_account_id?: components["schemas"]["BankAccountId"] | null;
                /** Format: date */
                business_date: string;
                row_policy: components["schemas"]["RowPolicy"];
                state: components["schemas"]["ImportState"];
                /**
                 * Format: int64
                 * @example 210
                 */
                rows: number;
                /**
                 * Format: int64
                 * @example 210
                 */
                ok_rows: number;
                /**
                 * Format: int64
                 * @example 0
                 */
                error_rows: number;
                /**
                 * Format: int64
                 * @example 0
                 */
                warning_rows: number;
                created?: components["schemas"]["CreatedCounts"] | null;
                /**
                 * Format: int64
                 * @description Postings of a committed deposit table.
                 * @example 109
                 */
                posted: number;
                amount: components["schemas"]["Money"];
                /** @description Why the whole file could not be read or written. */
                failure?: string | null;
                job_id?: components["schemas"]["JobId"] | null;
                created_at: components["schemas"]["Timestamp"];
                /** Format: int64 */
                version: number;
                allowed_actions: components["schemas"]["AllowedAction"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_IncidentView: {
            items: {
                id: components["schemas"]["IncidentId"];
                instance_id: components["schemas"]["InstanceId"];
                /**
                 * @description Id of the BPMN element.
                 * @example decide_amount
                 */
                element: string;
                /**
                 * @description `condition`, `topic`, `rule`, `calendar` or `no_candidate`.
                 * @example condition
                 */
                kind: string;
                /**
                 * @description The variable, topic, rule point, year or role concerned.
                 * @example amount
                 */
                about: string;
                /** @example “金额”的条件得不出真假：请检查变量“amount” */
                cause: string;
                /**
                 * @description `open` or `resolved`.
                 * @example open
                 */
                state: string;
                opened_at: components["schemas"]["Timestamp"];
                resolved_at?: components["schemas"]["Timestamp"] | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_JobView: {
            items: {
                id: components["schemas"]["JobId"];
                /** @example fund.import.check */
                kind: string;
                state: components["schemas"]["JobState"];
                /**
                 * Format: int64
                 * @description Items that are through, of `total`.
                 * @example 210
                 */
                done: number;
                /**
                 * Format: int64
                 * @example 210
                 */
                total: number;
                /**
                 * Format: int64
                 * @description Items that could not be done.
                 * @example 0
                 */
                failed: number;
                /** @description Why the whole job failed. */
                error?: string | null;
                created_at: components["schemas"]["Timestamp"];
                finished_at?: components["schemas"]["Timestamp"] | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_LedgerSetView: {
            items: {
                /** @example SP01 */
                code: string;
                /** @example 商品住宅专项维修资金账套 */
                name: string;
                /**
                 * @description `commodity`, `sold_public` or `simple`.
                 * @example commodity
                 */
                kind: string;
                /**
                 * @description What one voucher holds.
                 * @example event
                 */
                grouping: string;
                /**
                 * @description `setup`, `opening_balanced`, `running` or `ended`.
                 * @example running
                 */
                state: string;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_MyHouse: {
            items: {
                house_id: components["schemas"]["HouseId"];
                /** @example 379901200012001000013 */
                code: string;
                project_id: components["schemas"]["ProjectId"];
                /** @example 悦海花园 */
                project_name: string;
                /** @example 1 */
                building_name: string;
                /** @example 1 */
                unit_name: string;
                /**
                 * Format: int64
                 * @example 3
                 */
                floor: number;
                /** @example 0301 */
                room: string;
                area: components["schemas"]["Area"];
                first_due?: components["schemas"]["Money"] | null;
                fund_account?: components["schemas"]["MyAccount"] | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_MyWork: {
            items: {
                use_id: components["schemas"]["UseId"];
                /** @example 37990020261116000001K */
                no: string;
                /** @example 1号楼电梯大修 */
                title: string;
                /** @example lift */
                part: string;
                state: components["schemas"]["UseState"];
                budget: components["schemas"]["Money"];
                audited_amount?: components["schemas"]["Money"] | null;
                /**
                 * Format: int64
                 * @description Houses that share.
                 * @example 72
                 */
                houses: number;
                share: components["schemas"]["ShareView"];
                plugin?: components["schemas"]["PluginRef"] | null;
                /** @description What the rules say about the shares, in Chinese. */
                explained: string[];
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_NoticeView: {
            items: {
                id: components["schemas"]["NoticeId"];
                /** @example fund.paid */
                template: string;
                title: string;
                body: string;
                /** @example fund.use */
                subject_kind?: string | null;
                /** Format: uuid */
                subject_id?: string | null;
                created_at: components["schemas"]["Timestamp"];
                read_at?: components["schemas"]["Timestamp"] | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_ObjectionView: {
            items: {
                id: components["schemas"]["ObjectionId"];
                publicity_id: components["schemas"]["PublicityId"];
                project_id: components["schemas"]["ProjectId"];
                /** @example 请说明三家报价 */
                text: string;
                answer?: string | null;
                answered_at?: components["schemas"]["Timestamp"] | null;
                /** @description Made by the asking account. */
                mine: boolean;
                state: components["schemas"]["ObjectionState"];
                allowed_actions: components["schemas"]["AllowedAction"][];
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_OwnerView: {
            items: {
                ownership_id: components["schemas"]["OwnershipId"];
                party_kind: components["schemas"]["PartyKind"];
                /**
                 * @description Person: first character and two stars; organisation: its name.
                 * @example 张**
                 */
                name: string;
                /** @example resident_id */
                id_type: string;
                /**
                 * @description First and last four.
                 * @example 3701**********0041
                 */
                id_number: string;
                /** @example 138****5678 */
                mobile?: string | null;
                mode: components["schemas"]["Mode"];
                /**
                 * Format: int64
                 * @example 1
                 */
                share_num: number;
                /**
                 * Format: int64
                 * @example 1
                 */
                share_den: number;
                is_main: boolean;
                /**
                 * @description Where the register has it from: import, registry, contract.
                 * @example import
                 */
                source: string;
                /** Format: date */
                from: string;
                /** Format: date */
                to?: string | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PackView: {
            items: {
                /** @example coast */
                code: string;
                /** @example 1.0.0 */
                version: string;
                /** @example 海天市 */
                name: string;
                /** @description SHA-256 over its files. */
                digest: string;
                /**
                 * @description `uploaded`, `installed` or `superseded`.
                 * @example installed
                 */
                state: string;
                installed_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PackageView: {
            items: {
                /**
                 * @description SHA-256 of the manifest: the identity of the package.
                 * @example 1f918a18bfc48c06acd4978b895cf12d67a541db966b025d9f5ffff18cc1941e
                 */
                digest: string;
                /** @example cn.linli.fund.area-proportional */
                plugin_id: string;
                /** @example 1.0.0 */
                version: string;
                /** @example rule */
                kind: string;
                /** @example linli:rules/allocation@1.0.0 */
                world: string;
                /** @example 按建筑面积比例分摊 */
                title: string;
                /**
                 * @description Points that it may be bound to.
                 * @example [
                 *       "allocation.weights"
                 *     ]
                 */
                points: string[];
                /**
                 * Format: int64
                 * @description Bytes.
                 * @example 26595
                 */
                size: number;
                /** @example dc459813943fc212 */
                signer_key: string;
                /**
                 * @description `product` (shipped), `own` (uploaded here) or `province`.
                 * @example product
                 */
                origin: string;
                /**
                 * @description `active` while a binding in force uses it, else `tested`; `withdrawn`.
                 * @example active
                 */
                state: string;
                uploaded_by?: components["schemas"]["AccountId"] | null;
                uploaded_at: components["schemas"]["Timestamp"];
                /** @description JSON Schema of its parameters. */
                params_schema: Record<string, never>;
                tests: components["schemas"]["TestSummary"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PaymentOrderView: {
            items: {
                id: components["schemas"]["PaymentOrderId"];
                /**
                 * @description `P` + day + six digits + check digit.
                 * @example P202612030000010
                 */
                order_no: string;
                state: components["schemas"]["OrderState"];
                payee: components["schemas"]["PayeeView"];
                bank_account_id: components["schemas"]["BankAccountId"];
                amount: components["schemas"]["Money"];
                /** @example 1号楼电梯大修 预付款 */
                purpose: string;
                /** @example fund.payment */
                subject_kind: string;
                /** Format: uuid */
                subject_id: string;
                project_id?: components["schemas"]["ProjectId"] | null;
                opinions: components["schemas"]["Opinion"][];
                /** @description The bank's serial number, once paid. */
                bank_serial?: string | null;
                /** Format: date */
                bank_date?: string | null;
                /** @description Number of the posting, once paid. */
                posting_no?: string | null;
                /** @description Why the bank refused or returned it. */
                reason?: string | null;
                /** Format: int64 */
                version: number;
                created_at: components["schemas"]["Timestamp"];
                allowed_actions: components["schemas"]["AllowedAction"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PeriodView: {
            items: {
                /** @example SP01 */
                set_code: string;
                /** @example 2026-12 */
                month: string;
                /** @example open */
                state: string;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PointView: {
            items: {
                /** @example allocation.weights */
                name: string;
                /** @example allocation */
                world: string;
                /**
                 * @description Who asks, and when.
                 * @example fund: pre-allocation, filing, each payment, settlement
                 */
                caller: string;
                /** @description Whether this release asks it; the others are answered by code until their world comes. */
                called: boolean;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PoolView: {
            items: {
                /** @example 01 */
                code: string;
                /** @example 商品住宅专项维修资金 */
                name: string;
                /** @example commodity */
                fund_type: string;
                /** @example SP01 */
                set_code: string;
                /** @example open */
                state: string;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PostView: {
            items: (components["schemas"]["PostBrief"] & {
                account_id: components["schemas"]["AccountId"];
                /** @example 王丽 */
                account_name: string;
                /**
                 * @description `proposed`, `active`, `ended` or `refused`.
                 * @example proposed
                 */
                state: string;
                proposed_by?: components["schemas"]["AccountId"] | null;
                decided_by?: components["schemas"]["AccountId"] | null;
                decided_at?: components["schemas"]["Timestamp"] | null;
                /** Format: int64 */
                version: number;
                allowed_actions: components["schemas"]["AllowedAction"][];
            })[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PostingView: {
            items: {
                id: components["schemas"]["PostingId"];
                /**
                 * @description 业务号.
                 * @example 20261203010000017
                 */
                posting_no: string;
                /** @example MF14 */
                code: string;
                /** @example 01 */
                pool_code: string;
                /**
                 * @description `posted`, or `reversed` once another posting took it back.
                 * @example posted
                 */
                state: string;
                /**
                 * Format: date
                 * @description Day of the books.
                 */
                accounting_on: string;
                /**
                 * Format: date
                 * @description 起息日期.
                 */
                value_date: string;
                /**
                 * Format: date
                 * @description 到账日期.
                 */
                bank_date?: string | null;
                amount: components["schemas"]["Money"];
                /**
                 * Format: int64
                 * @description Number of fund entries.
                 * @example 118
                 */
                lines: number;
                /** @description The first of the entries (the list has none, the item at most 1,000; an account's own feed has all). */
                fund_lines: components["schemas"]["PostingFundLine"][];
                /** @description Lines of the general ledger (item only). */
                gl_lines: components["schemas"]["PostingGlLine"][];
                /** @example fund.payment */
                subject_kind: string;
                /** Format: uuid */
                subject_id: string;
                /** @example 37990020261117000001X */
                subject_no?: string | null;
                project_id?: components["schemas"]["ProjectId"] | null;
                maker?: components["schemas"]["AccountId"] | null;
                checker?: components["schemas"]["AccountId"] | null;
                reverses_id?: components["schemas"]["PostingId"] | null;
                reversed_by_id?: components["schemas"]["PostingId"] | null;
                /** @description Why it was taken back. */
                reason?: string | null;
                /**
                 * @description 凭证号, once the numbering step was there.
                 * @example SP01-付-202612-000003
                 */
                voucher_no?: string | null;
                posted_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_ProjectView: {
            items: {
                id: components["schemas"]["ProjectId"];
                /** @example 379901200012 */
                code: string;
                /** @example 悦海花园 */
                name: string;
                /** @example residential */
                kind: string;
                /** @example 海滨路18号 */
                address: string;
                /** @example 379901001001 */
                area_code: string;
                /** @example 海滨社区 */
                area_name: string;
                /** @example 37/3799/379901/379901001/379901001001/ */
                area_path: string;
                management_mode: components["schemas"]["ManagementMode"];
                company_id?: components["schemas"]["CompanyId"] | null;
                /** @example 滨城物业服务有限公司 */
                company_name?: string | null;
                developer_id?: components["schemas"]["CompanyId"] | null;
                /** @description 建筑面积 of all its houses. */
                built_area: components["schemas"]["Area"];
                /**
                 * Format: int64
                 * @description 户数.
                 * @example 210
                 */
                households: number;
                state: components["schemas"]["ProjectState"];
                /** Format: int64 */
                version: number;
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PublicProject: {
            items: {
                id: components["schemas"]["ProjectId"];
                /** @example 379901200012 */
                code: string;
                /** @example 悦海花园 */
                name: string;
                /** @example 海滨路18号 */
                address: string;
                /** @example residential */
                kind: string;
                /** @example 海滨社区 */
                area_name: string;
                /** @example 379901001001 */
                area_code: string;
                /**
                 * Format: int64
                 * @example 210
                 */
                households: number;
                built_area: components["schemas"]["Area"];
                /**
                 * @description The company that serves it.
                 * @example 滨城物业服务有限公司
                 */
                company_name?: string | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PublicPublicity: {
            items: {
                id: components["schemas"]["PublicityId"];
                /** @example PB20261124000001 */
                no: string;
                /** @example 1号楼电梯大修 */
                title: string;
                project_id: components["schemas"]["ProjectId"];
                /** @example 悦海花园 */
                project_name: string;
                /** @example fund.use */
                subject_kind: string;
                /** Format: uuid */
                subject_id: string;
                /** Format: date */
                from: string;
                /** Format: date */
                until: string;
                /**
                 * @example [
                 *       "小区公告栏"
                 *     ]
                 */
                places: string[];
                state: components["schemas"]["PublicityState"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PublicUse: {
            items: {
                id: components["schemas"]["UseId"];
                /** @example 37990020261116000001K */
                no: string;
                project_id: components["schemas"]["ProjectId"];
                /** @example 悦海花园 */
                project_name: string;
                kind: components["schemas"]["UseKind"];
                /** @example 1号楼电梯大修 */
                title: string;
                /**
                 * @description Code of the dictionary `shared_part`.
                 * @example lift
                 */
                part: string;
                state: components["schemas"]["UseState"];
                budget: components["schemas"]["Money"];
                contract_amount: components["schemas"]["Money"];
                paid: components["schemas"]["Money"];
                audited_amount: components["schemas"]["Money"];
                /**
                 * Format: int64
                 * @description Houses that share.
                 * @example 72
                 */
                houses: number;
                /** @example 华东电梯工程有限公司 */
                contractor_name?: string | null;
                /** Format: date */
                surveyed_on?: string | null;
                /** Format: date */
                filed_on?: string | null;
                /** Format: date */
                signed_on?: string | null;
                /** Format: date */
                started_on?: string | null;
                /** Format: date */
                completed_on?: string | null;
                /** Format: date */
                accepted_on?: string | null;
                /** Format: date */
                settled_on?: string | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_PublicityView: {
            items: {
                id: components["schemas"]["PublicityId"];
                /**
                 * @description `PB` + day + serial.
                 * @example PB20261124000001
                 */
                no: string;
                /** @example fund.use */
                subject_kind: string;
                /** Format: uuid */
                subject_id: string;
                /** @example 1号楼电梯大修 */
                title: string;
                project_id: components["schemas"]["ProjectId"];
                /** Format: date */
                from: string;
                /**
                 * Format: date
                 * @description The last day on which an objection is taken; it has ended when today is later.
                 */
                until: string;
                /**
                 * @example [
                 *       "小区公告栏"
                 *     ]
                 */
                places: string[];
                document_ids: components["schemas"]["DocumentId"][];
                body: Record<string, never>;
                /** @description As of today. */
                state: components["schemas"]["PublicityState"];
                allowed_actions: components["schemas"]["AllowedAction"][];
                /** Format: int64 */
                version: number;
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_RoleView: {
            items: {
                /** @example fund_clerk */
                code: string;
                /** @example 资金经办（初审） */
                name: string;
                /**
                 * @description 层级.
                 * @example 市/区
                 */
                level: string;
                /**
                 * @description What a post of this role must point to.
                 * @example area
                 */
                scope_kind: string;
                /**
                 * @description `draft`, `active` or `retired`.
                 * @example active
                 */
                state: string;
                /** @description Everything it may, inherited ones too. */
                permissions: string[];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_RoundView: {
            items: {
                /**
                 * Format: int64
                 * @example 1
                 */
                round: number;
                /** @example 补正后再次提交 */
                reason: string;
                at: components["schemas"]["Timestamp"];
                seen: components["schemas"]["UseView"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_RowErrorView: {
            items: {
                /**
                 * Format: int64
                 * @description As the spreadsheet counts, from 1.
                 * @example 12
                 */
                row: number;
                /**
                 * @description `E01` … `E18`, `import.required`, `import.format`; `W01` … `W03` are warnings.
                 * @example E04
                 */
                code: string;
                /**
                 * @description As the header row names them.
                 * @example [
                 *       "建筑面积"
                 *     ]
                 */
                columns: string[];
                /** @example 建筑面积须大于0且最多两位小数：118.365 */
                message: string;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_SettingView: {
            items: {
                /** @example fund.shortfall */
                key: string;
                /** @example 余额不足处理 */
                name: string;
                /** @description A number, a text, true or false, or a list of texts, as the key demands. */
                value: Record<string, never>;
                /**
                 * @description From where the value comes: `platform`, `pack` or `city`.
                 * @example city
                 */
                origin: string;
                valid_from?: components["schemas"]["Timestamp"] | null;
                /** @description Where it may be chosen from a set. */
                choices?: string[];
                /** Format: int64 */
                min?: number | null;
                /** Format: int64 */
                max?: number | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_ShareView: {
            items: {
                house_id: components["schemas"]["HouseId"];
                /** @example 379901200012001000013 */
                house_code: string;
                area: components["schemas"]["Area"];
                /**
                 * Format: int64
                 * @description Of the only item; with several items their sums, and each in `parts`.
                 * @example 12785
                 */
                weight: number;
                floor: components["schemas"]["Money"];
                /**
                 * Format: int64
                 * @example 68956
                 */
                remainder: number;
                share: components["schemas"]["Money"];
                from_income: components["schemas"]["Money"];
                from_principal: components["schemas"]["Money"];
                /** @description 自筹: what the account does not cover. */
                self_raised: components["schemas"]["Money"];
                /** @description When it was computed. */
                available: components["schemas"]["Money"];
                final_share?: components["schemas"]["Money"] | null;
                /** @description What was debited so far. */
                paid: components["schemas"]["Money"];
                parts: components["schemas"]["PartView"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_StandardView: {
            items: {
                id: components["schemas"]["StandardId"];
                /** @example A-LIFT */
                code: string;
                /** @example 379900000000 */
                area_code: string;
                /** @example commodity */
                nature: string;
                building_class: components["schemas"]["BuildingClass"];
                basis: components["schemas"]["Basis"];
                value: components["schemas"]["Money"];
                /** Format: date */
                from: string;
                /** Format: date */
                to?: string | null;
                /** @example 滨建〔2020〕3号 */
                document_no: string;
                state: components["schemas"]["StandardState"];
                /** Format: int64 */
                version: number;
                allowed_actions: components["schemas"]["AllowedAction"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_StatementLineView: {
            items: {
                /**
                 * Format: int64
                 * @example 1
                 */
                line_no: number;
                /** @example BK110000135 */
                bank_serial: string;
                /** Format: date */
                bank_date: string;
                /** @example 10:01:00+08:00 */
                bank_time: string;
                /** @description Plus a credit, minus a debit. */
                amount: components["schemas"]["Money"];
                balance_after: components["schemas"]["Money"];
                /** @example 曹** */
                counter_name?: string | null;
                /** @example ************6388 */
                counter_account?: string | null;
                summary?: string | null;
                /**
                 * @description `new`, `matched`, `suspense`, `cleared` or `ignored`.
                 * @example matched
                 */
                state: string;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_StatementView: {
            items: {
                id: components["schemas"]["StatementId"];
                bank_account_id: components["schemas"]["BankAccountId"];
                document_id: components["schemas"]["DocumentId"];
                state: components["schemas"]["StatementState"];
                /** Format: date */
                date?: string | null;
                /**
                 * Format: int64
                 * @description Which file of that day.
                 * @example 1
                 */
                seq?: number | null;
                opening?: components["schemas"]["Money"] | null;
                closing?: components["schemas"]["Money"] | null;
                /**
                 * Format: int64
                 * @description Number of movements.
                 * @example 18
                 */
                lines: number;
                /** @description SHA-256 of all bytes before the `T` line. */
                digest?: string | null;
                /** @description What is wrong; empty unless quarantined. */
                problems: components["schemas"]["LineProblem"][];
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_TaskView: {
            items: {
                id: components["schemas"]["TaskId"];
                instance_id: components["schemas"]["InstanceId"];
                /** @example fund.use */
                subject_kind: string;
                /** Format: uuid */
                subject_id: string;
                /** @example 37990020260924000017V */
                subject_no: string;
                /** @example 1号楼电梯大修 */
                title: string;
                /** @example second_review */
                node: string;
                /** @example 复核 */
                name: string;
                /**
                 * Format: int64
                 * @example 1
                 */
                round: number;
                /**
                 * @description `approve`, `applicant` (mend and submit again) or `copy`.
                 * @example approve
                 */
                kind: string;
                /**
                 * @description `waiting`, `open`, `decided` or `cancelled`.
                 * @example open
                 */
                state: string;
                assignee?: components["schemas"]["AccountId"] | null;
                /**
                 * @description Role whose holders may claim it.
                 * @example fund_reviewer
                 */
                pool_role?: string | null;
                /**
                 * @description `approve`, `reject`, `return` or `resubmit`.
                 * @example approve
                 */
                action?: string | null;
                /** @example 同意 */
                opinion?: string | null;
                opened_at: components["schemas"]["Timestamp"];
                decided_at?: components["schemas"]["Timestamp"] | null;
                due_at?: components["schemas"]["Timestamp"] | null;
                allowed_actions: components["schemas"]["AllowedAction"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_TenantView: {
            items: {
                /** Format: uuid */
                id: string;
                /** @example haitian */
                slug: string;
                /** @example 海天市 */
                name: string;
                /** @example 379900000000 */
                area_code: string;
                /** @example coast */
                pack: string;
                /**
                 * @description `postgres` or `sqlite`.
                 * @example sqlite
                 */
                database: string;
                /**
                 * @description Name of its cell.
                 * @example embedded
                 */
                cell: string;
                /**
                 * Format: int64
                 * @example 1
                 */
                epoch: number;
                /**
                 * @description `provisioning`, `active`, `read_only`, `suspended`, `moving` or `closed`.
                 * @example active
                 */
                state: string;
                created_at: components["schemas"]["Timestamp"];
                /** @description Only in the answer that made it. */
                invitations?: components["schemas"]["AdministratorInvitation"][];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_TimelineRow: {
            items: {
                /**
                 * Format: int64
                 * @example 3
                 */
                seq: number;
                at: components["schemas"]["Timestamp"];
                /**
                 * @description `started`, `resubmitted`, `task_opened`, `task_claimed`, `task_released`, `task_transferred`, `task_decided`, `task_cancelled`,
                 *     `returned`, `skipped`, `urged`, `copied`, `timer_fired`, `service_done`, `rule_asked`, `incident`, `incident_resolved`,
                 *     `clock_paused`, `clock_resumed`, or the state that the instance reached.
                 * @example task_decided
                 */
                kind: string;
                /** @example 复核 */
                name?: string | null;
                /** @example second_review */
                node?: string | null;
                /**
                 * Format: int32
                 * @description Round of the step.
                 * @example 1
                 */
                round?: number | null;
                actor?: components["schemas"]["AccountId"] | null;
                /**
                 * @description Name of the official; a natural person is shown masked.
                 * @example 王芳
                 */
                actor_name?: string | null;
                /** @example approve */
                action?: string | null;
                /**
                 * @description The opinion, or the reason.
                 * @example 同意
                 */
                opinion?: string | null;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_UnitView: {
            items: {
                id: components["schemas"]["UnitId"];
                project_id: components["schemas"]["ProjectId"];
                building_id: components["schemas"]["BuildingId"];
                /** @example 37990120001200101 */
                code: string;
                /** @example 1 */
                name: string;
                /**
                 * Format: int64
                 * @example 36
                 */
                houses: number;
                state: components["schemas"]["BuildingState"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_UseBrief: {
            items: {
                id: components["schemas"]["UseId"];
                /** @example 37990020261116000001K */
                no: string;
                project_id: components["schemas"]["ProjectId"];
                /** @example 悦海花园 */
                project_name: string;
                kind: components["schemas"]["UseKind"];
                /** @example 1号楼电梯大修 */
                title: string;
                /** @example lift */
                part: string;
                state: components["schemas"]["UseState"];
                /**
                 * Format: int64
                 * @example 1
                 */
                round: number;
                budget: components["schemas"]["Money"];
                paid: components["schemas"]["Money"];
                /**
                 * Format: int64
                 * @example 72
                 */
                houses: number;
                created_at: components["schemas"]["Timestamp"];
                /** Format: int64 */
                version: number;
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description One page of a list: at most `page_size` items and how many there are in all. */
        Page_VoteView: {
            items: {
                id: components["schemas"]["VoteId"];
                /**
                 * @description `VT` + day + serial.
                 * @example VT20261117000001
                 */
                no: string;
                /** @example fund.use */
                subject_kind: string;
                /** Format: uuid */
                subject_id: string;
                /** @example 1号楼电梯大修 */
                title: string;
                project_id: components["schemas"]["ProjectId"];
                class: components["schemas"]["VoteClass"];
                channel: components["schemas"]["VoteChannel"];
                /** @description The electorate, frozen at the opening. */
                totals: components["schemas"]["Tally"];
                /** @description What must take part: two thirds of both, rounded up. */
                needs: components["schemas"]["Tally"];
                electorate_hash: string;
                /** Format: date */
                opens_on: string;
                /** Format: date */
                closes_on: string;
                participated?: components["schemas"]["Tally"] | null;
                agreed?: components["schemas"]["Tally"] | null;
                against?: components["schemas"]["Tally"] | null;
                abstained?: components["schemas"]["Tally"] | null;
                result?: components["schemas"]["VoteResult"] | null;
                /** @description `[{name, left, op, right, ok}]`, as the rule answered and the core checked. */
                tests: Record<string, never>[];
                document_ids: components["schemas"]["DocumentId"][];
                /** @description As of today: `announced` before the opening, `counting` after the closing. */
                state: components["schemas"]["VoteState"];
                /** Format: int64 */
                version: number;
                created_at: components["schemas"]["Timestamp"];
            }[];
            /**
             * Format: int64
             * @description Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
             * @example 23
             */
            total: number;
            total_is_lower_bound?: boolean;
        };
        /** @description The formula of one item of a house's share. */
        PartView: {
            /**
             * Format: int64
             * @example 1
             */
            item_no: number;
            /** @description What was split. */
            cost: components["schemas"]["Money"];
            /**
             * Format: int64
             * @example 12785
             */
            weight: number;
            /**
             * Format: int64
             * @example 861042
             */
            weight_total: number;
            /** @description The fen before the remainder. */
            floor: components["schemas"]["Money"];
            /**
             * Format: int64
             * @description cost × weight mod Σ weights, in fen × weight.
             * @example 68956
             */
            remainder: number;
            /**
             * Format: int64
             * @description 0 or 1.
             * @example 1
             */
            fen_added: number;
            share: components["schemas"]["Money"];
        };
        /**
         * @description 主体类别.
         * @enum {string}
         */
        PartyKind: "person" | "company" | "committee" | "assembly" | "government";
        /** @description Ask for a payment (申请付款). */
        PayUse: {
            /** @description `advance`, `progress` or `retention`; the final payment is made by the settlement. */
            kind: components["schemas"]["PaymentKind"];
            amount: components["schemas"]["Money"];
            document_ids: components["schemas"]["DocumentId"][];
        };
        /** @description Who is paid. */
        Payee: {
            /** @example 华东电梯工程有限公司 */
            name: string;
            /**
             * @description 统一社会信用代码; none for a natural person.
             * @example 91310000MA1K35HT1J
             */
            uscc?: string | null;
            /**
             * @description Short code or name of the bank.
             * @example CCB
             */
            bank: string;
            /**
             * @description Account number at the bank.
             * @example 31001588880050001234
             */
            account_number: string;
        };
        /** @description Who is paid; the account number is whole only in the item for those who pay. */
        PayeeView: {
            /** @example 华东电梯工程有限公司 */
            name: string;
            /** @example 91310000MA1K35HT1J */
            uscc?: string | null;
            /** @example CCB */
            bank: string;
            /** @example ****************1234 */
            account_number: string;
        };
        /** @description 付款 of a use. */
        PaymentBrief: {
            id: components["schemas"]["PaymentId"];
            kind: components["schemas"]["PaymentKind"];
            amount: components["schemas"]["Money"];
            state: components["schemas"]["PaymentState"];
            payment_order_id?: components["schemas"]["PaymentOrderId"] | null;
            /** @example P202611230000017 */
            order_no?: string | null;
            posting_no?: string | null;
            reason?: string | null;
            created_at: components["schemas"]["Timestamp"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        PaymentId: string;
        /**
         * @description Kind of a payment.
         * @enum {string}
         */
        PaymentKind: "advance" | "progress" | "final" | "retention" | "refund";
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        PaymentOrderId: string;
        /** @description A payment order. */
        PaymentOrderView: {
            id: components["schemas"]["PaymentOrderId"];
            /**
             * @description `P` + day + six digits + check digit.
             * @example P202612030000010
             */
            order_no: string;
            state: components["schemas"]["OrderState"];
            payee: components["schemas"]["PayeeView"];
            bank_account_id: components["schemas"]["BankAccountId"];
            amount: components["schemas"]["Money"];
            /** @example 1号楼电梯大修 预付款 */
            purpose: string;
            /** @example fund.payment */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            project_id?: components["schemas"]["ProjectId"] | null;
            opinions: components["schemas"]["Opinion"][];
            /** @description The bank's serial number, once paid. */
            bank_serial?: string | null;
            /** Format: date */
            bank_date?: string | null;
            /** @description Number of the posting, once paid. */
            posting_no?: string | null;
            /** @description Why the bank refused or returned it. */
            reason?: string | null;
            /** Format: int64 */
            version: number;
            created_at: components["schemas"]["Timestamp"];
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /**
         * @description State of a payment.
         * @enum {string}
         */
        PaymentState: "created" | "paid" | "failed";
        /** @description 付款. */
        PaymentView: {
            id: components["schemas"]["PaymentId"];
            use_id: components["schemas"]["UseId"];
            /** @example 37990020261116000001K */
            use_no: string;
            use_state: components["schemas"]["UseState"];
            kind: components["schemas"]["PaymentKind"];
            amount: components["schemas"]["Money"];
            state: components["schemas"]["PaymentState"];
            payment_order?: components["schemas"]["OrderBrief"] | null;
            posting_no?: string | null;
            /** @description Why the bank did not pay. */
            reason?: string | null;
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description An accounting period (会计期间). */
        PeriodView: {
            /** @example SP01 */
            set_code: string;
            /** @example 2026-12 */
            month: string;
            /** @example open */
            state: string;
        };
        /**
         * @description What kind of account. In the document its name leaves `AccountKind` to the ledger.
         * @enum {string}
         */
        PersonAccountKind: "person" | "official" | "service";
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        PersonId: string;
        /** @description A natural person whose papers were checked at the window (vocabulary §10 row 7). */
        PersonInput: {
            /** @example 王丽 */
            name: string;
            /**
             * @description Code of dictionary `id_type`.
             * @example resident_id
             */
            id_type: string;
            /** @example 37990119800101001X */
            id_number: string;
            /**
             * @description Mainland mobile, 11 digits; may be empty.
             * @example 13800005678
             */
            mobile?: string;
        };
        PlatformAccount: {
            id: components["schemas"]["AccountId"];
            /** @example operator */
            login_name: string;
            /** @example 平台运维 */
            name: string;
        };
        /** @description An operator's session. */
        PlatformSession: {
            id: components["schemas"]["SessionId"];
            /**
             * @description Only at sign-in, and never with a cookie.
             * @example 4kT0…
             */
            token?: string | null;
            expires_at: components["schemas"]["Timestamp"];
            account: components["schemas"]["PlatformAccount"];
            /** @example platform_operator */
            role: string;
            /** @description Goes into `x-csrf-token` of every write with the cookie. */
            csrf: string;
        };
        /** @description 依据的插件: which rule answered. */
        PluginRef: {
            /** @example cn.linli.fund.area-proportional */
            id: string;
            /** @example 1.0.0 */
            version: string;
            /**
             * @description SHA-256 of the package's manifest.
             * @example 1f918a18bfc48c06acd4978b895cf12d67a541db966b025d9f5ffff18cc1941e
             */
            hash: string;
        };
        /** @description 规则点 as people see it. */
        PointView: {
            /** @example allocation.weights */
            name: string;
            /** @example allocation */
            world: string;
            /**
             * @description Who asks, and when.
             * @example fund: pre-allocation, filing, each payment, settlement
             */
            caller: string;
            /** @description Whether this release asks it; the others are answered by code until their world comes. */
            called: boolean;
        };
        /** @description A fund pool (资金池). */
        PoolView: {
            /** @example 01 */
            code: string;
            /** @example 商品住宅专项维修资金 */
            name: string;
            /** @example commodity */
            fund_type: string;
            /** @example SP01 */
            set_code: string;
            /** @example open */
            state: string;
        };
        /** @description 岗位 as its holder sees it when he chooses. */
        PostBrief: {
            id: components["schemas"]["PostId"];
            /** @example fund_clerk */
            role: string;
            /** @example 资金经办（初审） */
            role_name: string;
            /** @example area */
            scope_kind: string;
            /** @example 379901000000 */
            area_code?: string | null;
            /** @example 东港区 */
            area_name?: string | null;
            company_id?: components["schemas"]["CompanyId"] | null;
            project_id?: components["schemas"]["ProjectId"] | null;
            committee_id?: components["schemas"]["CommitteeId"] | null;
            subject_kind?: string | null;
            /** Format: uuid */
            subject_id?: string | null;
            /**
             * Format: date
             * @description First day.
             */
            from: string;
            /**
             * Format: date
             * @description Last day, if it ends.
             */
            to?: string | null;
        };
        /** @description A post to be proposed; what the scope kind does not need is left out. */
        PostCreate: {
            account_id: components["schemas"]["AccountId"];
            /**
             * @description Code of an active role.
             * @example fund_clerk
             */
            role: string;
            /**
             * @description `tenant`, `area`, `company`, `project`, `committee`, `assigned` or `none`: the role's own.
             * @example area
             */
            scope_kind: string;
            /** @example 379901000000 */
            area_code?: string | null;
            company_id?: components["schemas"]["CompanyId"] | null;
            project_id?: components["schemas"]["ProjectId"] | null;
            committee_id?: components["schemas"]["CommitteeId"] | null;
            /**
             * @description For `assigned`: what is assigned.
             * @example ledger.bank_account
             */
            subject_kind?: string | null;
            /** Format: uuid */
            subject_id?: string | null;
            /**
             * Format: date
             * @description First day.
             */
            from: string;
            /**
             * Format: date
             * @description Last day, if it ends.
             */
            to?: string | null;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        PostId: string;
        /** @description 岗位 as administrators see it. */
        PostView: components["schemas"]["PostBrief"] & {
            account_id: components["schemas"]["AccountId"];
            /** @example 王丽 */
            account_name: string;
            /**
             * @description `proposed`, `active`, `ended` or `refused`.
             * @example proposed
             */
            state: string;
            proposed_by?: components["schemas"]["AccountId"] | null;
            decided_by?: components["schemas"]["AccountId"] | null;
            decided_at?: components["schemas"]["Timestamp"] | null;
            /** Format: int64 */
            version: number;
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /** @description One movement of a fund account. */
        PostingFundLine: {
            fund_account_id: components["schemas"]["FundAccountId"];
            house_id?: components["schemas"]["HouseId"] | null;
            /**
             * Format: int64
             * @example 1
             */
            seq: number;
            bucket: components["schemas"]["Bucket"];
            amount: components["schemas"]["Money"];
            balance_after: components["schemas"]["Money"];
            /** @example 1号楼电梯大修 预付款 */
            summary: string;
        };
        /** @description One line of the general ledger. */
        PostingGlLine: {
            /**
             * Format: int64
             * @example 1
             */
            line: number;
            /** @example 500101 */
            account_code: string;
            project_id?: components["schemas"]["ProjectId"] | null;
            bank_account_id?: components["schemas"]["BankAccountId"] | null;
            /** @example household */
            holder_kind?: string | null;
            debit: components["schemas"]["Money"];
            credit: components["schemas"]["Money"];
            /** @example 1号楼电梯大修 预付款 */
            summary: string;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        PostingId: string;
        /** @description A posting (业务事件). */
        PostingView: {
            id: components["schemas"]["PostingId"];
            /**
             * @description 业务号.
             * @example 20261203010000017
             */
            posting_no: string;
            /** @example MF14 */
            code: string;
            /** @example 01 */
            pool_code: string;
            /**
             * @description `posted`, or `reversed` once another posting took it back.
             * @example posted
             */
            state: string;
            /**
             * Format: date
             * @description Day of the books.
             */
            accounting_on: string;
            /**
             * Format: date
             * @description 起息日期.
             */
            value_date: string;
            /**
             * Format: date
             * @description 到账日期.
             */
            bank_date?: string | null;
            amount: components["schemas"]["Money"];
            /**
             * Format: int64
             * @description Number of fund entries.
             * @example 118
             */
            lines: number;
            /** @description The first of the entries (the list has none, the item at most 1,000; an account's own feed has all). */
            fund_lines: components["schemas"]["PostingFundLine"][];
            /** @description Lines of the general ledger (item only). */
            gl_lines: components["schemas"]["PostingGlLine"][];
            /** @example fund.payment */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            /** @example 37990020261117000001X */
            subject_no?: string | null;
            project_id?: components["schemas"]["ProjectId"] | null;
            maker?: components["schemas"]["AccountId"] | null;
            checker?: components["schemas"]["AccountId"] | null;
            reverses_id?: components["schemas"]["PostingId"] | null;
            reversed_by_id?: components["schemas"]["PostingId"] | null;
            /** @description Why it was taken back. */
            reason?: string | null;
            /**
             * @description 凭证号, once the numbering step was there.
             * @example SP01-付-202612-000003
             */
            voucher_no?: string | null;
            posted_at: components["schemas"]["Timestamp"];
        };
        /** @description 试算: what an allocation would give; nothing is written. */
        PreviewView: {
            /** @description The budget; below the asked one only where the city caps it. */
            total: components["schemas"]["Money"];
            /** @example 72 */
            houses: number;
            /** @description The rule of the first item. */
            plugin: components["schemas"]["PluginRef"];
            /** @description The rule of each item. */
            rules: components["schemas"]["RuleBrief"][];
            /** @description The first 200 by house code. */
            shares: components["schemas"]["ShareView"][];
            self_raised: components["schemas"]["Money"];
            /**
             * @description Codes of the houses that must raise a part themselves.
             * @example [
             *       "379901200012001000013"
             *     ]
             */
            short_houses: string[];
        };
        /**
         * @description RFC 9457 problem document; `code` is stable, `detail` is for people.
         * @example {
         *       "type": "https://linli.cn/problems/fund.use.publicity_open",
         *       "title": "公示至2026-12-01结束，届时可提交",
         *       "status": 409,
         *       "detail": "公示至2026-12-01结束，届时可提交",
         *       "instance": "01936f5e-7c1a-7a3e-9f00-0123456789ab",
         *       "code": "fund.use.publicity_open"
         *     }
         */
        Problem: {
            /** @description A URI of the kind of problem */
            type: string;
            /** @description A sentence */
            title: string;
            /** @description The HTTP status */
            status: number;
            /** @description What the person can do */
            detail?: string;
            /** @description The request id */
            instance?: string;
            /** @description A stable dotted name */
            code: string;
            errors?: {
                /** @description JSON pointer to the wrong field */
                pointer?: string;
                /** @description Stable code */
                code?: string;
                /** @description What is wrong and what to do */
                message?: string;
            }[];
        };
        /** @description 审核流程. */
        ProcessView: {
            instance_id: components["schemas"]["InstanceId"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        ProjectId: string;
        /**
         * @description 小区状态.
         * @enum {string}
         */
        ProjectState: "planning" | "front_stage" | "normal" | "transition" | "emergency" | "unmanaged" | "closed";
        /** @description A project with what the register knows of it. */
        ProjectView: {
            id: components["schemas"]["ProjectId"];
            /** @example 379901200012 */
            code: string;
            /** @example 悦海花园 */
            name: string;
            /** @example residential */
            kind: string;
            /** @example 海滨路18号 */
            address: string;
            /** @example 379901001001 */
            area_code: string;
            /** @example 海滨社区 */
            area_name: string;
            /** @example 37/3799/379901/379901001/379901001001/ */
            area_path: string;
            management_mode: components["schemas"]["ManagementMode"];
            company_id?: components["schemas"]["CompanyId"] | null;
            /** @example 滨城物业服务有限公司 */
            company_name?: string | null;
            developer_id?: components["schemas"]["CompanyId"] | null;
            /** @description 建筑面积 of all its houses. */
            built_area: components["schemas"]["Area"];
            /**
             * Format: int64
             * @description 户数.
             * @example 210
             */
            households: number;
            state: components["schemas"]["ProjectState"];
            /** Format: int64 */
            version: number;
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description Whether the three books of a pool are equal. */
        ProofView: {
            /** @example 01 */
            pool_code: string;
            ok: boolean;
            checks: components["schemas"]["Check"][];
        };
        /** @description 提交绑定. */
        ProposeBinding: {
            /** @example allocation.weights */
            point: string;
            /**
             * @description Digest of the package, with or without `sha256:`.
             * @example sha256:1f918a18bfc48c06acd4978b895cf12d67a541db966b025d9f5ffff18cc1941e
             */
            digest: string;
            /** @description As the package's schema asks; what is left out takes its default. */
            params?: Record<string, never> | null;
            /**
             * Format: date
             * @description First day in force, today at the earliest; today when left out.
             */
            valid_from?: string | null;
            /**
             * @description Why, for the person who approves.
             * @example 按 2026 年 3 月会议纪要调整
             */
            reason?: string | null;
        };
        /** @description Propose a use of the fund (提出使用申请). */
        ProposeUse: {
            project_id: components["schemas"]["ProjectId"];
            kind: components["schemas"]["UseKind"];
            /** @example 1号楼电梯大修 */
            title: string;
            /**
             * @description Code of the dictionary `shared_part`.
             * @example lift
             */
            part: string;
            /** @example 曳引机磨损，检验不合格 */
            cause: string;
            /** @description The proposer says that none of the excluded costs (maintenance-fund §2.6.2) applies; must be true. */
            exclusions_denied: boolean;
            document_ids?: components["schemas"]["DocumentId"][];
        };
        /** @description A project as the public sees it. */
        PublicProject: {
            id: components["schemas"]["ProjectId"];
            /** @example 379901200012 */
            code: string;
            /** @example 悦海花园 */
            name: string;
            /** @example 海滨路18号 */
            address: string;
            /** @example residential */
            kind: string;
            /** @example 海滨社区 */
            area_name: string;
            /** @example 379901001001 */
            area_code: string;
            /**
             * Format: int64
             * @example 210
             */
            households: number;
            built_area: components["schemas"]["Area"];
            /**
             * @description The company that serves it.
             * @example 滨城物业服务有限公司
             */
            company_name?: string | null;
        };
        /** @description A publicity as the public sees it. */
        PublicPublicity: {
            id: components["schemas"]["PublicityId"];
            /** @example PB20261124000001 */
            no: string;
            /** @example 1号楼电梯大修 */
            title: string;
            project_id: components["schemas"]["ProjectId"];
            /** @example 悦海花园 */
            project_name: string;
            /** @example fund.use */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            /** Format: date */
            from: string;
            /** Format: date */
            until: string;
            /**
             * @example [
             *       "小区公告栏"
             *     ]
             */
            places: string[];
            state: components["schemas"]["PublicityState"];
        };
        /** @description 维修资金使用 as everybody sees it. */
        PublicUse: {
            id: components["schemas"]["UseId"];
            /** @example 37990020261116000001K */
            no: string;
            project_id: components["schemas"]["ProjectId"];
            /** @example 悦海花园 */
            project_name: string;
            kind: components["schemas"]["UseKind"];
            /** @example 1号楼电梯大修 */
            title: string;
            /**
             * @description Code of the dictionary `shared_part`.
             * @example lift
             */
            part: string;
            state: components["schemas"]["UseState"];
            budget: components["schemas"]["Money"];
            contract_amount: components["schemas"]["Money"];
            paid: components["schemas"]["Money"];
            audited_amount: components["schemas"]["Money"];
            /**
             * Format: int64
             * @description Houses that share.
             * @example 72
             */
            houses: number;
            /** @example 华东电梯工程有限公司 */
            contractor_name?: string | null;
            /** Format: date */
            surveyed_on?: string | null;
            /** Format: date */
            filed_on?: string | null;
            /** Format: date */
            signed_on?: string | null;
            /** Format: date */
            started_on?: string | null;
            /** Format: date */
            completed_on?: string | null;
            /** Format: date */
            accepted_on?: string | null;
            /** Format: date */
            settled_on?: string | null;
        };
        /** @description Post a publicity (公示). */
        PubliciseUse: {
            /**
             * Format: date
             * @description The day on which it is posted.
             */
            from: string;
            /**
             * Format: int64
             * @description 5 to 15; without it the city's setting.
             * @example 7
             */
            days?: number | null;
            /**
             * @example [
             *       "小区公告栏"
             *     ]
             */
            places: string[];
            document_ids?: components["schemas"]["DocumentId"][];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        PublicityId: string;
        /**
         * @description 公示状态.
         * @enum {string}
         */
        PublicityState: "open" | "objected" | "ended";
        /** @description A publicity. */
        PublicityView: {
            id: components["schemas"]["PublicityId"];
            /**
             * @description `PB` + day + serial.
             * @example PB20261124000001
             */
            no: string;
            /** @example fund.use */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            /** @example 1号楼电梯大修 */
            title: string;
            project_id: components["schemas"]["ProjectId"];
            /** Format: date */
            from: string;
            /**
             * Format: date
             * @description The last day on which an objection is taken; it has ended when today is later.
             */
            until: string;
            /**
             * @example [
             *       "小区公告栏"
             *     ]
             */
            places: string[];
            document_ids: components["schemas"]["DocumentId"][];
            body: Record<string, never>;
            /** @description As of today. */
            state: components["schemas"]["PublicityState"];
            allowed_actions: components["schemas"]["AllowedAction"][];
            /** Format: int64 */
            version: number;
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description Record the paper result (录入表决结果). */
        RecordVote: {
            /** @description The sum of the other three. */
            participated: components["schemas"]["Tally"];
            agreed: components["schemas"]["Tally"];
            against: components["schemas"]["Tally"];
            abstained: components["schemas"]["Tally"];
            document_ids: components["schemas"]["DocumentId"][];
        };
        /** @description 施工单位退款到账. */
        RefundArrived: {
            /** Format: date */
            bank_date: string;
            /** @example S2026121100017 */
            bank_serial: string;
        };
        /** @description 驳回. */
        Reject: {
            /** @example 不属于共用部位 */
            opinion: string;
            /**
             * @description Code of dictionary `reason`.
             * @example not_shared_part
             */
            reason?: string | null;
        };
        /** @description Why a claim is rejected. */
        RejectBinding: {
            /** @example 产权证与申请人不符 */
            reason: string;
        };
        /** @description Reject a deposit (不予确认). */
        RejectDeposit: {
            /** @example 银行流水中没有这一笔 */
            reason: string;
        };
        /** @description 处理结果. */
        ResolveIncident: {
            /**
             * @description What was done.
             * @example 已换用上一版本规则，案件可继续办理
             */
            resolution: string;
        };
        /**
         * @description 重新提交方式 after a return.
         * @enum {string}
         */
        ResubmitMode: "along" | "straight";
        /** @description 退回. */
        Return: {
            /**
             * @description `applicant`, or a node that was visited.
             * @example applicant
             */
            to: string;
            resubmit?: components["schemas"]["ResubmitMode"] | null;
            /** @example 请补报价单 */
            opinion: string;
        };
        /** @description 可退回的环节. */
        ReturnTarget: {
            /**
             * @description `applicant`, or a node id.
             * @example first_review
             */
            to: string;
            /** @example 初审 */
            name: string;
            /**
             * Format: uuid
             * @description Whoever decided there last.
             */
            decided_by?: string | null;
        };
        /** @description 角色 with what it may. */
        RoleView: {
            /** @example fund_clerk */
            code: string;
            /** @example 资金经办（初审） */
            name: string;
            /**
             * @description 层级.
             * @example 市/区
             */
            level: string;
            /**
             * @description What a post of this role must point to.
             * @example area
             */
            scope_kind: string;
            /**
             * @description `draft`, `active` or `retired`.
             * @example active
             */
            state: string;
            /** @description Everything it may, inherited ones too. */
            permissions: string[];
        };
        /** @description 旧轮次: how the use looked when a round ended. */
        RoundView: {
            /**
             * Format: int64
             * @example 1
             */
            round: number;
            /** @example 补正后再次提交 */
            reason: string;
            at: components["schemas"]["Timestamp"];
            seen: components["schemas"]["UseView"];
        };
        /** @description One thing that is wrong with a row. */
        RowErrorView: {
            /**
             * Format: int64
             * @description As the spreadsheet counts, from 1.
             * @example 12
             */
            row: number;
            /**
             * @description `E01` … `E18`, `import.required`, `import.format`; `W01` … `W03` are warnings.
             * @example E04
             */
            code: string;
            /**
             * @description As the header row names them.
             * @example [
             *       "建筑面积"
             *     ]
             */
            columns: string[];
            /** @example 建筑面积须大于0且最多两位小数：118.365 */
            message: string;
        };
        /**
         * @description What happens to the good rows of a table with errors.
         * @enum {string}
         */
        RowPolicy: "all" | "good_rows";
        /** @description 依据的规则: which rule weighed an item, and what it says about it. */
        RuleBrief: {
            plugin: components["schemas"]["PluginRef"];
            call_id?: components["schemas"]["CallId"] | null;
            lines: components["schemas"]["Explained"][];
        };
        /**
         * @description Whether the bytes were checked.
         * @enum {string}
         */
        ScanState: "pending" | "clean" | "infected" | "failed";
        /** @description 预算项 of a scheme. */
        SchemeItem: {
            /** @example 曳引机更换 */
            name: string;
            amount: components["schemas"]["Money"];
            /**
             * @description Code of the dictionary `shared_part`; the city's rule may weigh by it.
             * @example lift
             */
            purpose: string;
            scope: components["schemas"]["ScopeOf"];
        };
        /**
         * @description 分摊范围: which houses a cost concerns.
         * @enum {string}
         */
        ScopeKind: "project" | "building" | "unit" | "houses";
        /** @description 分摊范围 with its ids. */
        ScopeOf: {
            kind: components["schemas"]["ScopeKind"];
            /**
             * @example [
             *       "01936f5e-7c1a-7a3e-9f00-0123456789ab"
             *     ]
             */
            ids?: string[];
        };
        Sentence: {
            /** @example “初审”已同意，流程到达“复核” */
            zh: string;
            /** @example “初审” passed, so the case reached “复核” */
            en: string;
        };
        /** @description Whose session it is. */
        SessionAccount: {
            id: components["schemas"]["AccountId"];
            /** @example 王丽 */
            name: string;
            kind: components["schemas"]["PersonAccountKind"];
        };
        /** @description The city that the session belongs to. */
        SessionCity: {
            slug: string;
            /** @example 滨海市 */
            name: string;
        };
        /** @description Name and password. */
        SessionCreate: {
            /**
             * @description Login name; persons may give their mobile.
             * @example wang.li
             */
            login_name: string;
            /** @example Tide-Crane-40 */
            password: string;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        SessionId: string;
        /** @description The post to act in; null: none, for a person who acts for himself. */
        SessionPost: {
            post_id?: components["schemas"]["PostId"] | null;
        };
        /** @description 会话 with everything that a page needs at its start. */
        SessionView: {
            id: components["schemas"]["SessionId"];
            /**
             * @description Only at sign-in and at a change of post, and never with a cookie.
             * @example 4kT0…
             */
            token?: string | null;
            expires_at: components["schemas"]["Timestamp"];
            account: components["schemas"]["SessionAccount"];
            /** @description The posts that may be chosen today. */
            posts: components["schemas"]["PostBrief"][];
            post_id?: components["schemas"]["PostId"] | null;
            /**
             * @description Role of the chosen post; `person` or `none` without one.
             * @example fund_clerk
             */
            role: string;
            permissions: string[];
            /** @description Goes into `x-csrf-token` of every write with the cookie. */
            csrf: string;
            city: components["schemas"]["SessionCity"];
            /**
             * Format: date
             * @description The city's business date (业务日期), which a simulated clock moves.
             * @example 2026-11-16
             */
            today: string;
        };
        /** @description Set scheme and budget (方案与预算). */
        SetScheme: {
            /** @description The sum of the items. */
            budget: components["schemas"]["Money"];
            items: components["schemas"]["SchemeItem"][];
            document_ids: components["schemas"]["DocumentId"][];
        };
        /** @description The new value of a key. */
        SettingSet: {
            /** @description A number, a text, true or false, or a list of texts, as the key demands. */
            value: Record<string, never>;
        };
        /** @description 设置 as people see it. */
        SettingView: {
            /** @example fund.shortfall */
            key: string;
            /** @example 余额不足处理 */
            name: string;
            /** @description A number, a text, true or false, or a list of texts, as the key demands. */
            value: Record<string, never>;
            /**
             * @description From where the value comes: `platform`, `pack` or `city`.
             * @example city
             */
            origin: string;
            valid_from?: components["schemas"]["Timestamp"] | null;
            /** @description Where it may be chosen from a set. */
            choices?: string[];
            /** Format: int64 */
            min?: number | null;
            /** Format: int64 */
            max?: number | null;
        };
        /** @description Settle (结算). */
        SettleUse: {
            /** @description 质保金, paid later; `0.00` for none. */
            retention: components["schemas"]["Money"];
            refund?: components["schemas"]["RefundArrived"] | null;
        };
        /** @description The settlement with every house's true-up. */
        SettlementView: components["schemas"]["UseView"] & {
            final_shares: components["schemas"]["FinalShare"][];
            payment_order?: components["schemas"]["OrderBrief"] | null;
            refund?: components["schemas"]["PaymentBrief"] | null;
        };
        /** @enum {string} */
        Severity: "error" | "warning";
        /** @description 分摊 of one house. */
        ShareView: {
            house_id: components["schemas"]["HouseId"];
            /** @example 379901200012001000013 */
            house_code: string;
            area: components["schemas"]["Area"];
            /**
             * Format: int64
             * @description Of the only item; with several items their sums, and each in `parts`.
             * @example 12785
             */
            weight: number;
            floor: components["schemas"]["Money"];
            /**
             * Format: int64
             * @example 68956
             */
            remainder: number;
            share: components["schemas"]["Money"];
            from_income: components["schemas"]["Money"];
            from_principal: components["schemas"]["Money"];
            /** @description 自筹: what the account does not cover. */
            self_raised: components["schemas"]["Money"];
            /** @description When it was computed. */
            available: components["schemas"]["Money"];
            final_share?: components["schemas"]["Money"] | null;
            /** @description What was debited so far. */
            paid: components["schemas"]["Money"];
            parts: components["schemas"]["PartView"][];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        StandardId: string;
        /**
         * @description State of a standard.
         * @enum {string}
         */
        StandardState: "draft" | "active" | "ended";
        /** @description 交存标准. */
        StandardView: {
            id: components["schemas"]["StandardId"];
            /** @example A-LIFT */
            code: string;
            /** @example 379900000000 */
            area_code: string;
            /** @example commodity */
            nature: string;
            building_class: components["schemas"]["BuildingClass"];
            basis: components["schemas"]["Basis"];
            value: components["schemas"]["Money"];
            /** Format: date */
            from: string;
            /** Format: date */
            to?: string | null;
            /** @example 滨建〔2020〕3号 */
            document_no: string;
            state: components["schemas"]["StandardState"];
            /** Format: int64 */
            version: number;
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /** @description Takes a stored file as a day's statement. */
        StatementCreate: {
            bank_account_id: components["schemas"]["BankAccountId"];
            /** @description The file, stored before (kind `statement_file`). */
            document_id: components["schemas"]["DocumentId"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        StatementId: string;
        /** @description The job that checks it. */
        StatementJobView: {
            id: components["schemas"]["JobId"];
            state: components["schemas"]["JobState"];
        };
        /** @description One movement; the other side's name and account are masked. */
        StatementLineView: {
            /**
             * Format: int64
             * @example 1
             */
            line_no: number;
            /** @example BK110000135 */
            bank_serial: string;
            /** Format: date */
            bank_date: string;
            /** @example 10:01:00+08:00 */
            bank_time: string;
            /** @description Plus a credit, minus a debit. */
            amount: components["schemas"]["Money"];
            balance_after: components["schemas"]["Money"];
            /** @example 曹** */
            counter_name?: string | null;
            /** @example ************6388 */
            counter_account?: string | null;
            summary?: string | null;
            /**
             * @description `new`, `matched`, `suspense`, `cleared` or `ignored`.
             * @example matched
             */
            state: string;
        };
        /** @description Answer of taking a file. */
        StatementStarted: {
            statement: components["schemas"]["StatementStartedView"];
            job: components["schemas"]["StatementJobView"];
        };
        /** @description A statement whose checking is under way. */
        StatementStartedView: {
            id: components["schemas"]["StatementId"];
            state: components["schemas"]["StatementState"];
        };
        /**
         * @description `quarantined`: something in the file does not fit, so none of it was taken.
         * @enum {string}
         */
        StatementState: "checking" | "imported" | "quarantined";
        /** @description A bank's day. */
        StatementView: {
            id: components["schemas"]["StatementId"];
            bank_account_id: components["schemas"]["BankAccountId"];
            document_id: components["schemas"]["DocumentId"];
            state: components["schemas"]["StatementState"];
            /** Format: date */
            date?: string | null;
            /**
             * Format: int64
             * @description Which file of that day.
             * @example 1
             */
            seq?: number | null;
            opening?: components["schemas"]["Money"] | null;
            closing?: components["schemas"]["Money"] | null;
            /**
             * Format: int64
             * @description Number of movements.
             * @example 18
             */
            lines: number;
            /** @description SHA-256 of all bytes before the `T` line. */
            digest?: string | null;
            /** @description What is wrong; empty unless quarantined. */
            problems: components["schemas"]["LineProblem"][];
            created_at: components["schemas"]["Timestamp"];
        };
        /** @description One user task in the order of the way through the flow. */
        Step: {
            /** @example second_review */
            node: string;
            /** @example 复核 */
            name: string;
            state: components["schemas"]["StepState"];
        };
        /** @description Body of a step. */
        StepCommand: {
            /**
             * @description 意见.
             * @example 收款单位与合同一致
             */
            opinion?: string | null;
        };
        /** @enum {string} */
        StepState: "waiting" | "open" | "done";
        /** @description Why. */
        StopUse: {
            /** @example 施工单位停业，另行选定 */
            reason: string;
        };
        /** @description The state of the case itself after the step. */
        SubjectBrief: {
            /** @example filed */
            state: string;
        };
        /** @description Submit for review (提交审核). */
        SubmitUse: {
            /** @description What was asked for or is added. */
            document_ids?: components["schemas"]["DocumentId"][];
        };
        /** @description Record the survey on site (现场勘查). */
        SurveyUse: {
            /** Format: date */
            surveyed_on: string;
            /** @example 现场勘查属实 */
            report: string;
            document_ids: components["schemas"]["DocumentId"][];
        };
        /** @description Heads and area together, as every count of a vote has both. */
        Tally: {
            /**
             * Format: int64
             * @description 人数.
             * @example 6
             */
            heads: number;
            /** @description 专有面积. */
            area: components["schemas"]["Area"];
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        TaskId: string;
        /** @description 任务: one seat of a flow. */
        TaskView: {
            id: components["schemas"]["TaskId"];
            instance_id: components["schemas"]["InstanceId"];
            /** @example fund.use */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            /** @example 37990020260924000017V */
            subject_no: string;
            /** @example 1号楼电梯大修 */
            title: string;
            /** @example second_review */
            node: string;
            /** @example 复核 */
            name: string;
            /**
             * Format: int64
             * @example 1
             */
            round: number;
            /**
             * @description `approve`, `applicant` (mend and submit again) or `copy`.
             * @example approve
             */
            kind: string;
            /**
             * @description `waiting`, `open`, `decided` or `cancelled`.
             * @example open
             */
            state: string;
            assignee?: components["schemas"]["AccountId"] | null;
            /**
             * @description Role whose holders may claim it.
             * @example fund_reviewer
             */
            pool_role?: string | null;
            /**
             * @description `approve`, `reject`, `return` or `resubmit`.
             * @example approve
             */
            action?: string | null;
            /** @example 同意 */
            opinion?: string | null;
            opened_at: components["schemas"]["Timestamp"];
            decided_at?: components["schemas"]["Timestamp"] | null;
            due_at?: components["schemas"]["Timestamp"] | null;
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /**
         * @description Which table it is.
         * @enum {string}
         */
        Template: "T1" | "T2";
        /** @description A new tenant. */
        TenantCreate: {
            /**
             * @description `[a-z][a-z0-9-]{1,30}`: stands in its path.
             * @example haitian
             */
            slug: string;
            /** @example 海天市 */
            name: string;
            /**
             * @description 12 digits of the city, as in its pack.
             * @example 379900000000
             */
            area_code: string;
            /**
             * @description Code of a city pack.
             * @example coast
             */
            pack: string;
            database?: components["schemas"]["Database"] | null;
            administrators: components["schemas"]["Administrators"];
        };
        /** @description 租户 as the operator sees it. */
        TenantView: {
            /** Format: uuid */
            id: string;
            /** @example haitian */
            slug: string;
            /** @example 海天市 */
            name: string;
            /** @example 379900000000 */
            area_code: string;
            /** @example coast */
            pack: string;
            /**
             * @description `postgres` or `sqlite`.
             * @example sqlite
             */
            database: string;
            /**
             * @description Name of its cell.
             * @example embedded
             */
            cell: string;
            /**
             * Format: int64
             * @example 1
             */
            epoch: number;
            /**
             * @description `provisioning`, `active`, `read_only`, `suspended`, `moving` or `closed`.
             * @example active
             */
            state: string;
            created_at: components["schemas"]["Timestamp"];
            /** @description Only in the answer that made it. */
            invitations?: components["schemas"]["AdministratorInvitation"][];
        };
        /** @description Its golden tests when it was taken in. */
        TestSummary: {
            /**
             * Format: int64
             * @example 9
             */
            passed: number;
            /**
             * Format: int64
             * @description Fuel of the dearest test; the limit of a call is in the manifest.
             * @example 21000
             */
            worst_fuel: number;
            /**
             * Format: int64
             * @example 60
             */
            worst_us: number;
        };
        /** @description One line of 办理经过. */
        TimelineRow: {
            /**
             * Format: int64
             * @example 3
             */
            seq: number;
            at: components["schemas"]["Timestamp"];
            /**
             * @description `started`, `resubmitted`, `task_opened`, `task_claimed`, `task_released`, `task_transferred`, `task_decided`, `task_cancelled`,
             *     `returned`, `skipped`, `urged`, `copied`, `timer_fired`, `service_done`, `rule_asked`, `incident`, `incident_resolved`,
             *     `clock_paused`, `clock_resumed`, or the state that the instance reached.
             * @example task_decided
             */
            kind: string;
            /** @example 复核 */
            name?: string | null;
            /** @example second_review */
            node?: string | null;
            /**
             * Format: int32
             * @description Round of the step.
             * @example 1
             */
            round?: number | null;
            actor?: components["schemas"]["AccountId"] | null;
            /**
             * @description Name of the official; a natural person is shown masked.
             * @example 王芳
             */
            actor_name?: string | null;
            /** @example approve */
            action?: string | null;
            /**
             * @description The opinion, or the reason.
             * @example 同意
             */
            opinion?: string | null;
        };
        /**
         * Format: date-time
         * @description An instant as microseconds since 1970 UTC (so that both databases sort it). JSON form: RFC 3339 in UTC, `2026-11-23T08:00:00Z`.
         * @example 2026-11-23T08:00:00Z
         */
        Timestamp: string;
        /** @description 转办. */
        Transfer: {
            account_id: components["schemas"]["AccountId"];
            /** @example 休假 */
            reason: string;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        UnitId: string;
        /** @description A unit (单元) of a building. */
        UnitView: {
            id: components["schemas"]["UnitId"];
            project_id: components["schemas"]["ProjectId"];
            building_id: components["schemas"]["BuildingId"];
            /** @example 37990120001200101 */
            code: string;
            /** @example 1 */
            name: string;
            /**
             * Format: int64
             * @example 36
             */
            houses: number;
            state: components["schemas"]["BuildingState"];
        };
        /** @description A use in a list. */
        UseBrief: {
            id: components["schemas"]["UseId"];
            /** @example 37990020261116000001K */
            no: string;
            project_id: components["schemas"]["ProjectId"];
            /** @example 悦海花园 */
            project_name: string;
            kind: components["schemas"]["UseKind"];
            /** @example 1号楼电梯大修 */
            title: string;
            /** @example lift */
            part: string;
            state: components["schemas"]["UseState"];
            /**
             * Format: int64
             * @example 1
             */
            round: number;
            budget: components["schemas"]["Money"];
            paid: components["schemas"]["Money"];
            /**
             * Format: int64
             * @example 72
             */
            houses: number;
            created_at: components["schemas"]["Timestamp"];
            /** Format: int64 */
            version: number;
        };
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        UseId: string;
        /** @description 预算项. */
        UseItemView: {
            /**
             * Format: int64
             * @example 1
             */
            item_no: number;
            /** @example 曳引机更换 */
            name: string;
            amount: components["schemas"]["Money"];
            /**
             * @description Code of the dictionary `shared_part`.
             * @example lift
             */
            purpose: string;
            scope: components["schemas"]["ScopeOf"];
            rule?: components["schemas"]["RuleBrief"] | null;
        };
        /**
         * @description Kind of a use.
         * @enum {string}
         */
        UseKind: "ordinary";
        /**
         * @description State of a fund use.
         * @enum {string}
         */
        UseState: "proposed" | "surveyed" | "scheme_ready" | "allocated" | "voting" | "vote_passed" | "vote_failed" | "publicised" | "objection" | "in_review" | "returned" | "rejected" | "filed" | "contracted" | "advance_paid" | "in_works" | "progress_paid" | "completed" | "accepted" | "cost_audited" | "settlement_publicised" | "settled" | "retention_paid" | "archived" | "suspended" | "terminated";
        /** @description 使用申请. */
        UseView: {
            id: components["schemas"]["UseId"];
            /**
             * @description 受理编号.
             * @example 37990020261116000001K
             */
            no: string;
            project_id: components["schemas"]["ProjectId"];
            /** @example 379901200012 */
            project_code: string;
            /** @example 悦海花园 */
            project_name: string;
            kind: components["schemas"]["UseKind"];
            /** @example 1号楼电梯大修 */
            title: string;
            /**
             * @description Code of the dictionary `shared_part`.
             * @example lift
             */
            part: string;
            /** @example 曳引机磨损，检验不合格 */
            cause: string;
            state: components["schemas"]["UseState"];
            /** @description Why it was returned, rejected, suspended or terminated. */
            reason?: string | null;
            /**
             * Format: int64
             * @example 1
             */
            round: number;
            /** Format: int64 */
            version: number;
            budget: components["schemas"]["Money"];
            /**
             * Format: int64
             * @description Houses that share.
             * @example 72
             */
            houses: number;
            items: components["schemas"]["UseItemView"][];
            contract_amount?: components["schemas"]["Money"] | null;
            paid: components["schemas"]["Money"];
            audited_amount?: components["schemas"]["Money"] | null;
            retention: components["schemas"]["Money"];
            /** Format: date */
            surveyed_on?: string | null;
            survey_report?: string | null;
            vote?: components["schemas"]["VoteView"] | null;
            publicity?: components["schemas"]["PublicityView"] | null;
            /** @description Both publicities, as far as there are. */
            publicities: components["schemas"]["PublicityView"][];
            process?: components["schemas"]["ProcessView"] | null;
            /** Format: date */
            review_due_on?: string | null;
            /** Format: date */
            filed_on?: string | null;
            contractor?: components["schemas"]["ContractorView"] | null;
            /** Format: date */
            signed_on?: string | null;
            /** Format: date */
            started_on?: string | null;
            /** Format: date */
            completed_on?: string | null;
            /** Format: date */
            accepted_on?: string | null;
            signers: string[];
            auditor?: string | null;
            /** Format: date */
            settled_on?: string | null;
            payments: components["schemas"]["PaymentBrief"][];
            documents: components["schemas"]["DocumentView"][];
            archive?: components["schemas"]["ArchiveView"] | null;
            created_at: components["schemas"]["Timestamp"];
            allowed_actions: components["schemas"]["AllowedAction"][];
        };
        /** @description The answer of a verification. */
        Verification: {
            /** @description Everything in the range, and everything before it that the tree stands on, is as it was written. */
            ok: boolean;
            /**
             * Format: int64
             * @example 1
             */
            from_seq: number;
            /**
             * Format: int64
             * @example 4211
             */
            to_seq: number;
            /** @description Root of the Merkle tree of the first `to_seq` events, recomputed. */
            head: string;
            checkpoint?: components["schemas"]["CheckpointView"] | null;
            problem?: components["schemas"]["VerificationProblem"] | null;
        };
        /** @description Where and how the log differs from what was written. */
        VerificationProblem: {
            /**
             * Format: int64
             * @description The first bad number.
             * @example 17
             */
            seq: number;
            /**
             * @description `event_changed`, `event_missing`, `event_unnumbered`, `seq_gap`, `order_changed`, `head_differs`, `truncated`,
             *     `checkpoint_forged`, `checkpoint_differs`.
             * @example event_changed
             */
            code: string;
            message: string;
        };
        /**
         * @description 表决方式.
         * @enum {string}
         */
        VoteChannel: "paper" | "electronic" | "mixed";
        /**
         * @description 事项类别 (Civil Code 278).
         * @enum {string}
         */
        VoteClass: "ordinary" | "special";
        /**
         * Format: uuid
         * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
         */
        VoteId: string;
        /**
         * @description 表决结果.
         * @enum {string}
         */
        VoteResult: "passed" | "not_passed" | "invalid";
        /**
         * @description 表决状态.
         * @enum {string}
         */
        VoteState: "draft" | "roster_posted" | "announced" | "open" | "counting" | "counted" | "published" | "effective" | "disputed" | "recorded";
        /** @description A vote with its denominators and, once recorded, its counts. */
        VoteView: {
            id: components["schemas"]["VoteId"];
            /**
             * @description `VT` + day + serial.
             * @example VT20261117000001
             */
            no: string;
            /** @example fund.use */
            subject_kind: string;
            /** Format: uuid */
            subject_id: string;
            /** @example 1号楼电梯大修 */
            title: string;
            project_id: components["schemas"]["ProjectId"];
            class: components["schemas"]["VoteClass"];
            channel: components["schemas"]["VoteChannel"];
            /** @description The electorate, frozen at the opening. */
            totals: components["schemas"]["Tally"];
            /** @description What must take part: two thirds of both, rounded up. */
            needs: components["schemas"]["Tally"];
            electorate_hash: string;
            /** Format: date */
            opens_on: string;
            /** Format: date */
            closes_on: string;
            participated?: components["schemas"]["Tally"] | null;
            agreed?: components["schemas"]["Tally"] | null;
            against?: components["schemas"]["Tally"] | null;
            abstained?: components["schemas"]["Tally"] | null;
            result?: components["schemas"]["VoteResult"] | null;
            /** @description `[{name, left, op, right, ok}]`, as the rule answered and the core checked. */
            tests: Record<string, never>[];
            document_ids: components["schemas"]["DocumentId"][];
            /** @description As of today: `announced` before the opening, `counting` after the closing. */
            state: components["schemas"]["VoteState"];
            /** Format: int64 */
            version: number;
            created_at: components["schemas"]["Timestamp"];
        };
    };
    responses: {
        /** @description Not parseable as HTTP or JSON */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not in a state that allows it */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The role may not do this at all */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A defect of ours, with the request id */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The content is wrong; every wrong field is listed */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A required Idempotency-Key or If-Match is missing */
        KeyMissing: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Wrong media type */
        MediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No such thing that this caller may see */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description If-Match is stale */
        Stale: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is too large */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Over the rate or the tenant's quota */
        TooMany: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No valid token for this tenant */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A part that we need is away */
        Unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    session_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description `cookie` for a browser */
                "x-session"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionCreate"];
            };
        };
        responses: {
            /** @description signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    session_end_all: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description signed out everywhere */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    session_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    session_end: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description signed out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    session_choose_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionPost"];
            };
        };
        responses: {
            /** @description a new token with that post */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    invitation_accept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationAccept"];
            };
        };
        responses: {
            /** @description the account is active */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationAccepted"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            /** @description used or expired */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    me_notice_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_NoticeView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    me_notice_count: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the number */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NoticeCount"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    me_notice_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the notice */
                notice_id: components["schemas"]["NoticeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description what is still unread */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NoticeCount"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    account_list: {
        parameters: {
            query?: {
                /** @description `person`, `official` or `service`. */
                kind?: string;
                state?: string;
                /** @description A part of login name or name. */
                q?: string;
                page?: number;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    account_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountCreate"];
            };
        };
        responses: {
            /** @description invited */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    account_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the account */
                account_id: components["schemas"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    account_suspend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the account */
                account_id: components["schemas"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountReason"];
            };
        };
        responses: {
            /** @description suspended, or frozen for a person */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    account_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the account */
                account_id: components["schemas"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description active */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    account_unlock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the account */
                account_id: components["schemas"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description active */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    account_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the account */
                account_id: components["schemas"]["AccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description with the new invitation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    post_list: {
        parameters: {
            query?: {
                account_id?: components["schemas"]["AccountId"];
                role?: string;
                /** @description `proposed`, `active`, `ended` or `refused`. */
                state?: string;
                page?: number;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PostView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    post_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PostCreate"];
            };
        };
        responses: {
            /** @description proposed */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    post_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the post */
                post_id: components["schemas"]["PostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the post */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    post_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the post */
                post_id: components["schemas"]["PostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description active */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    post_refuse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the post */
                post_id: components["schemas"]["PostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    post_end: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the post */
                post_id: components["schemas"]["PostId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    role_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all roles */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RoleView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    setting_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SettingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    setting_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description its key, such as `fund.shortfall` */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the setting */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    setting_set: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description its key, such as `fund.shortfall` */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingSet"];
            };
        };
        responses: {
            /** @description the city's value */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    area_list: {
        parameters: {
            query?: {
                /**
                 * @description Only this level.
                 * @example district
                 */
                level?: string;
                /**
                 * @description Only what lies directly below this code.
                 * @example 379901000000
                 */
                parent?: string;
                page?: number;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of them, by code */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Division"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    dict_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DictBrief"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    dict_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description its code, such as `house_use` */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the dictionary */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DictView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    calendar_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the year */
                year: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description days that differ from Monday to Friday */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    calendar_set: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the year */
                year: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CalendarSet"];
            };
        };
        responses: {
            /** @description the year as entered */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pack_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PackView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    job_list: {
        parameters: {
            query?: {
                /** @example fund.import.check */
                kind?: string;
                /** @description `queued`, `running`, `done`, `failed` or `cancelled`. */
                state?: string;
                page?: number;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_JobView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    job_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job */
                job_id: components["schemas"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the job */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    job_stream: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job */
                job_id: components["schemas"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description one event at each change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    job_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the job */
                job_id: components["schemas"]["JobId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description cancelled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    event_list: {
        parameters: {
            query?: {
                /**
                 * @description `0` begins; then `next` of the answer before.
                 * @example 0
                 */
                after?: string;
                /**
                 * @description At most 1,000, default 100.
                 * @example 100
                 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description events, and where the next page begins */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventFeed"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    audit_event_list: {
        parameters: {
            query?: {
                /**
                 * @description `0` begins; then `next` of the answer before.
                 * @example 0
                 */
                after?: string;
                /**
                 * @description At most 1,000, default 100.
                 * @example 100
                 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description events, and where the next page begins */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventFeed"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    audit_checkpoint_list: {
        parameters: {
            query?: {
                /** @description At most 1,000, default 100. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the newest ones */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckpointList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    audit_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AuditVerify"];
            };
        };
        responses: {
            /** @description whether it holds, and where not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verification"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    document_list: {
        parameters: {
            query: {
                /**
                 * @description Kind of the thing.
                 * @example fund.use
                 */
                subject_kind: string;
                /**
                 * @description Id of the thing.
                 * @example 01936f5e-7c1a-7a3e-9f00-0123456789ab
                 */
                subject_id: string;
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description documents of the thing */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DocumentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    document_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["DocumentUpload"];
            };
        };
        responses: {
            /** @description stored */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    document_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The document */
                document_id: components["schemas"]["DocumentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    document_content_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The document */
                document_id: components["schemas"]["DocumentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the bytes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_company_list: {
        parameters: {
            query?: {
                /** @description A code of the dictionary `trade`. */
                trade?: string;
                /** @description Part of the name, or the whole USCC. */
                q?: string;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_CompanyView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_company_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCompany"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompanyView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_company_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The company */
                company_id: components["schemas"]["CompanyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The company */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompanyView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_project_list: {
        parameters: {
            query?: {
                /** @description Part of the name or address, or the whole code. */
                q?: string;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_project_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateProject"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_project_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project */
                project_id: components["schemas"]["ProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The project */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_building_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BuildingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_building_grid: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The building */
                building_id: components["schemas"]["BuildingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The building */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GridView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_unit_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                building_id?: components["schemas"]["BuildingId"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_UnitView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_house_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                building_id?: components["schemas"]["BuildingId"];
                unit_id?: components["schemas"]["UnitId"];
                /** @description The room as people say it, `301`, or the whole house code. */
                room?: string;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_HouseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_house_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The house */
                house_id: components["schemas"]["HouseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The house */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HouseDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_house_owner_list: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The house */
                house_id: components["schemas"]["HouseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them; a house has few */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_OwnerView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_committee_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_CommitteeView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_committee_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCommittee"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommitteeView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_committee_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The committee */
                committee_id: components["schemas"]["CommitteeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The committee */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommitteeView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_binding_list: {
        parameters: {
            query?: {
                /** @description Only claims in this state, `manual_review` for the reviewer's desk. */
                state?: "applying" | "bound" | "manual_review" | "rejected" | "frozen" | "released";
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_binding_apply: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApplyBinding"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_binding_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The claim */
                binding_id: components["schemas"]["BindingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The claim */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_binding_accept: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The claim */
                binding_id: components["schemas"]["BindingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_binding_reject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The claim */
                binding_id: components["schemas"]["BindingId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RejectBinding"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_vote_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                subject_id?: string;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_VoteView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_vote_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The vote */
                vote_id: components["schemas"]["VoteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The vote */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VoteView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_publicity_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                subject_id?: string;
                /** @description Only those that are not over yet. */
                current?: boolean;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PublicityView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_publicity_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The publicity */
                publicity_id: components["schemas"]["PublicityId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The publicity */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicityView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_objection_create: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The publicity */
                publicity_id: components["schemas"]["PublicityId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateObjection"];
            };
        };
        responses: {
            /** @description Made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ObjectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_objection_list: {
        parameters: {
            query?: {
                publicity_id?: components["schemas"]["PublicityId"];
                project_id?: components["schemas"]["ProjectId"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ObjectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_objection_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The objection */
                objection_id: components["schemas"]["ObjectionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The objection */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ObjectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_objection_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The objection */
                objection_id: components["schemas"]["ObjectionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerObjection"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ObjectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    property_fact_list: {
        parameters: {
            query: {
                /** @example project */
                subject_kind: string;
                subject_id: string;
                /** @description True on this day; today if absent. */
                at?: string;
                /** @description As it was known at this instant; now if absent. */
                known?: components["schemas"]["Timestamp"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_FactView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    public_project_list: {
        parameters: {
            query?: {
                /** @description Part of the name or address, or the whole code. */
                q?: string;
                /** @description Only this project. */
                project_id?: components["schemas"]["ProjectId"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PublicProject"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    public_publicity_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                subject_id?: string;
                /** @description Only those that are not over yet. */
                current?: boolean;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PublicPublicity"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_set_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sets */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LedgerSetView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_pool_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The pools */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PoolView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_bank_account_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bank accounts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BankAccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_bank_account_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BankAccountCreate"];
            };
        };
        responses: {
            /** @description Registered */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BankAccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_bank_account_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The bank account */
                bank_account_id: components["schemas"]["BankAccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bank account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BankAccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_hold_list: {
        parameters: {
            query?: {
                /** @description Only holds of this use or other subject. */
                subject_id?: string;
                /** @description Only holds on this account. */
                fund_account_id?: components["schemas"]["FundAccountId"];
                /** @description Only this state. */
                state?: components["schemas"]["HoldState"];
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows a page, at most 200. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The holds */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_HoldView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_posting_list: {
        parameters: {
            query?: {
                /** @description Only this code. */
                code?: string;
                /** @description Only postings of this deposit, payment or other subject. */
                subject_id?: string;
                /** @description Only postings of this project. */
                project_id?: components["schemas"]["ProjectId"];
                /** @description Only the posting of this number. */
                posting_no?: string;
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows a page, at most 200. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The postings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PostingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_posting_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The posting */
                posting_id: components["schemas"]["PostingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The posting */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_gl_account_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The chart */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_GlAccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_gl_line_list: {
        parameters: {
            query?: {
                /**
                 * @description `0` begins; else the `next` of the page before.
                 * @example 0
                 */
                after?: string;
                /**
                 * @description Vouchers a page, at most 1,000.
                 * @example 200
                 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lines */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GlLinePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_period_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Periods */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PeriodView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_payment_order_list: {
        parameters: {
            query?: {
                /** @description Only this state. */
                state?: components["schemas"]["OrderState"];
                /** @description Only orders of this payment or other subject. */
                subject_id?: string;
                /** @description Only orders of this project. */
                project_id?: components["schemas"]["ProjectId"];
                /** @description Only the order of this number. */
                order_no?: string;
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows a page, at most 200. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The orders */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PaymentOrderView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_payment_order_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                payment_order_id: components["schemas"]["PaymentOrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentOrderView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_payment_order_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                payment_order_id: components["schemas"]["PaymentOrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StepCommand"];
            };
        };
        responses: {
            /** @description Checked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentOrderView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_payment_order_sign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                payment_order_id: components["schemas"]["PaymentOrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StepCommand"];
            };
        };
        responses: {
            /** @description Signed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentOrderView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_payment_order_send: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                payment_order_id: components["schemas"]["PaymentOrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StepCommand"];
            };
        };
        responses: {
            /** @description Sent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentOrderView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_payment_order_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order */
                payment_order_id: components["schemas"]["PaymentOrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StepCommand"];
            };
        };
        responses: {
            /** @description Cancelled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentOrderView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_bank_confirmation_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BankConfirmation"];
            };
        };
        responses: {
            /** @description Taken, or known already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfirmationView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_statement_list: {
        parameters: {
            query?: {
                /** @description Only statements of this bank account. */
                bank_account_id?: components["schemas"]["BankAccountId"];
                /** @description Only this state. */
                state?: components["schemas"]["StatementState"];
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows a page, at most 200. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statements */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_StatementView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_statement_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatementCreate"];
            };
        };
        responses: {
            /** @description Being checked */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatementStarted"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_statement_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The statement */
                statement_id: components["schemas"]["StatementId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statement */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatementView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_statement_line_list: {
        parameters: {
            query?: {
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows a page, at most 200. */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description The statement */
                statement_id: components["schemas"]["StatementId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The movements */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_StatementLineView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledger_proof_get: {
        parameters: {
            query: {
                /**
                 * @description Pool.
                 * @example 01
                 */
                pool_code: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The nine checks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProofView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_account_list: {
        parameters: {
            query?: {
                /** @description Only accounts of this project. */
                project_id?: components["schemas"]["ProjectId"];
                /** @description Only accounts of this building. */
                building_id?: components["schemas"]["BuildingId"];
                /** @description Only accounts of this house. */
                house_id?: components["schemas"]["HouseId"];
                /** @description Only this kind. */
                kind?: components["schemas"]["AccountKind"];
                /** @description Only the account of this number. */
                account_no?: string;
                /** @description Page number, from 1. */
                page?: number;
                /** @description Rows a page, at most 200. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The accounts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_FundAccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_account_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account */
                fund_account_id: components["schemas"]["FundAccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FundAccountView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_account_entry_list: {
        parameters: {
            query?: {
                /**
                 * @description `0` begins; else the `next` of the page before.
                 * @example 0
                 */
                after?: string;
                /**
                 * @description Lines a page, at most 1,000.
                 * @example 200
                 */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The account */
                fund_account_id: components["schemas"]["FundAccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryPage"];
                    "text/csv": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_project_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_FundProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_project_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateFundProject"];
            };
        };
        responses: {
            /** @description Registered */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FundProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_project_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The project */
                project_id: components["schemas"]["ProjectId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The project */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FundProjectView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_standard_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_StandardView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_standard_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateStandard"];
            };
        };
        responses: {
            /** @description A draft */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandardView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_standard_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The standard */
                standard_id: components["schemas"]["StandardId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The standard */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandardView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_standard_approve: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The standard */
                standard_id: components["schemas"]["StandardId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Active */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandardView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_deposit_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                house_id?: components["schemas"]["HouseId"];
                state?: components["schemas"]["DepositState"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DepositView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_deposit_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateDeposit"];
            };
        };
        responses: {
            /** @description It waits for a confirmation */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DepositView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_deposit_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The deposit */
                deposit_id: components["schemas"]["DepositId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The deposit */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DepositView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_deposit_confirm: {
        parameters: {
            query?: never;
            header: {
                /** @description Required: money moves */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The deposit */
                deposit_id: components["schemas"]["DepositId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Posted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DepositView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_deposit_reject: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The deposit */
                deposit_id: components["schemas"]["DepositId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RejectDeposit"];
            };
        };
        responses: {
            /** @description Rejected */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DepositView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_correction_list: {
        parameters: {
            query?: {
                deposit_id?: components["schemas"]["DepositId"];
                state?: components["schemas"]["CorrectionState"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_CorrectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_correction_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateCorrection"];
            };
        };
        responses: {
            /** @description Submitted */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CorrectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_correction_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The correction */
                correction_id: components["schemas"]["CorrectionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The correction */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CorrectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_correction_approve: {
        parameters: {
            query?: never;
            header: {
                /** @description Required: money moves */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The correction */
                correction_id: components["schemas"]["CorrectionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideCorrection"];
            };
        };
        responses: {
            /** @description Executed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CorrectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_correction_reject: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The correction */
                correction_id: components["schemas"]["CorrectionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideCorrection"];
            };
        };
        responses: {
            /** @description Rejected */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CorrectionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_payment_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The payment */
                payment_id: components["schemas"]["PaymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_payment_confirm: {
        parameters: {
            query?: never;
            header: {
                /** @description Required: money moves */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The payment */
                payment_id: components["schemas"]["PaymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Posted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_import_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                template?: components["schemas"]["Template"];
                state?: components["schemas"]["ImportState"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ImportView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_import_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateImport"];
            };
        };
        responses: {
            /** @description The check is under way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportJobView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_import_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The import */
                import_id: components["schemas"]["ImportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The import */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_import_error_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description The import */
                import_id: components["schemas"]["ImportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RowErrorView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_import_result_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The import */
                import_id: components["schemas"]["ImportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_import_commit: {
        parameters: {
            query?: never;
            header: {
                /** @description Required: money moves */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The import */
                import_id: components["schemas"]["ImportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The commit is under way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportJobView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_import_cancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The import */
                import_id: components["schemas"]["ImportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Cancelled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    me_house_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MyHouse"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    me_house_statement_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The house */
                house_id: components["schemas"]["HouseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": unknown;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    me_work_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MyWork"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    public_use_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PublicUse"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_list: {
        parameters: {
            query?: {
                project_id?: components["schemas"]["ProjectId"];
                state?: components["schemas"]["UseState"];
                kind?: components["schemas"]["UseKind"];
                /**
                 * @description The whole number of an application.
                 * @example 37990020261116000001K
                 */
                no?: string;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_UseBrief"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_propose: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProposeUse"];
            };
        };
        responses: {
            /** @description Proposed */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The use */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_round_list: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All rounds before the present one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RoundView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_share_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page by house code */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ShareView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_survey: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SurveyUse"];
            };
        };
        responses: {
            /** @description Surveyed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_scheme: {
        parameters: {
            query?: never;
            header: {
                /** @description The version that was read, quoted */
                "If-Match": string;
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetScheme"];
            };
        };
        responses: {
            /** @description The scheme is set */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The shares as they would be */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_allocate: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allocated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_open_vote: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenVote"];
            };
        };
        responses: {
            /** @description The vote is open */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_record_vote: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecordVote"];
            };
        };
        responses: {
            /** @description Recorded and tested */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_publicise: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PubliciseUse"];
            };
        };
        responses: {
            /** @description Publicised */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_submit: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubmitUse"];
            };
        };
        responses: {
            /** @description In review */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_file: {
        parameters: {
            query?: never;
            header: {
                /** @description Required: money moves */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FileUse"];
            };
        };
        responses: {
            /** @description Filed, the shares are held */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_contract: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContractUse"];
            };
        };
        responses: {
            /** @description Contracted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_pay: {
        parameters: {
            query?: never;
            header: {
                /** @description Required: money moves */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PayUse"];
            };
        };
        responses: {
            /** @description The payment order is made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_start: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description In works */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_complete: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompleteUse"];
            };
        };
        responses: {
            /** @description Completed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_accept: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptUse"];
            };
        };
        responses: {
            /** @description Accepted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_cost_audit: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AuditUse"];
            };
        };
        responses: {
            /** @description Cost audited */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_publicise_settlement: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PubliciseUse"];
            };
        };
        responses: {
            /** @description Settlement publicised */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_settle: {
        parameters: {
            query?: never;
            header: {
                /** @description Required: money moves */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettleUse"];
            };
        };
        responses: {
            /** @description The final shares; settled once the bank has confirmed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettlementView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_archive: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Archived */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_suspend: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StopUse"];
            };
        };
        responses: {
            /** @description Suspended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_resume: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same body answers the first answer again */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Back where it was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    fund_use_terminate: {
        parameters: {
            query?: never;
            header: {
                /** @description Required: money moves */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The use */
                use_id: components["schemas"]["UseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StopUse"];
            };
        };
        responses: {
            /** @description Terminated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UseView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_definition_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description definitions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DefinitionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_definition_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DefinitionCreate"];
            };
        };
        responses: {
            /** @description checked, waits for its publication */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_definition_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the definition */
                definition_id: components["schemas"]["DefinitionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the definition */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_definition_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the definition */
                definition_id: components["schemas"]["DefinitionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description with its diagnostics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_definition_publish: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the definition */
                definition_id: components["schemas"]["DefinitionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description in force */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefinitionView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_instance_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the instance */
                instance_id: components["schemas"]["InstanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the instance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstanceBrief"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_instance_timeline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the instance */
                instance_id: components["schemas"]["InstanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description everything that happened, in order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TimelineRow"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_instance_diagram: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the instance */
                instance_id: components["schemas"]["InstanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the drawing */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiagramView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_instance_withdraw: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the instance */
                instance_id: components["schemas"]["InstanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description withdrawn */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstanceView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_instance_urge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the instance */
                instance_id: components["schemas"]["InstanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description told */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstanceView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_instance_copy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the instance */
                instance_id: components["schemas"]["InstanceId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Copy"];
            };
        };
        responses: {
            /** @description copied */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstanceView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_incident_retry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the instance */
                instance_id: components["schemas"]["InstanceId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description tried again */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstanceView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_list: {
        parameters: {
            query?: {
                /**
                 * @description `todo` (default): mine and those of my pool; `pool`: free ones of my pool; `done`; `mine`: of my own applications; `copied`.
                 * @example todo
                 */
                view?: string;
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description tasks of the view */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TaskView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the task */
                task_id: components["schemas"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_counts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Counts"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_explanation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the task */
                task_id: components["schemas"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description why it is here */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExplanationView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_claim: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the task */
                task_id: components["schemas"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description claimed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_release: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the task */
                task_id: components["schemas"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description back in the pool */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the task */
                task_id: components["schemas"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Approve"];
            };
        };
        responses: {
            /** @description decided */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decided"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_reject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the task */
                task_id: components["schemas"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reject"];
            };
        };
        responses: {
            /** @description decided */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decided"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_return: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the task */
                task_id: components["schemas"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Return"];
            };
        };
        responses: {
            /** @description sent back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decided"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_task_transfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the task */
                task_id: components["schemas"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Transfer"];
            };
        };
        responses: {
            /** @description with its new holder */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    workflow_incident_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description instances that stand still */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_IncidentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_package_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Packages, newest version first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PackageView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_package_upload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["PackageUpload"];
            };
        };
        responses: {
            /** @description Verified, compiled, tested */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackageView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_package_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the manifest */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The package */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackageView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_binding_list: {
        parameters: {
            query?: {
                /**
                 * @description Only those of this point.
                 * @example allocation.weights
                 */
                point?: string;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Bindings by point, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_binding_propose: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProposeBinding"];
            };
        };
        responses: {
            /** @description Proposed; another person approves */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_binding_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The binding */
                binding_id: components["schemas"]["BindingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The binding */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_binding_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The binding */
                binding_id: components["schemas"]["BindingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description In force from its day on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_binding_suspend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The binding */
                binding_id: components["schemas"]["BindingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Stopped at once */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindingView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_incident_list: {
        parameters: {
            query?: {
                /**
                 * @description `open` or `resolved`; both when left out.
                 * @example open
                 */
                state?: string;
                /** @description Only those of this case. */
                subject_id?: string;
                /** @example 1 */
                page?: number;
                /** @example 20 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Incidents, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_IncidentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_incident_resolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The incident */
                incident_id: components["schemas"]["IncidentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResolveIncident"];
            };
        };
        responses: {
            /** @description Resolved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    plugin_point_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every point by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PointView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_session_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description `cookie` for a browser */
                "x-session"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionCreate"];
            };
        };
        responses: {
            /** @description signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformSession"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_session_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformSession"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_session_end: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description signed out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_clock_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClockView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_clock_set: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClockSet"];
            };
        };
        responses: {
            /** @description now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClockView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_tenant_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TenantView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_tenant_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantCreate"];
            };
        };
        responses: {
            /** @description active */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_tenant_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description its slug */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the tenant */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_cell_list: {
        parameters: {
            query?: {
                /**
                 * @description Page number, from 1.
                 * @example 1
                 */
                page?: number;
                /**
                 * @description Rows a page, at most 200.
                 * @example 20
                 */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a page of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_CellView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_cell_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CellCreate"];
            };
        };
        responses: {
            /** @description active */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CellView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    platform_health_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description each part */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["Stale"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["MediaType"];
            422: components["responses"]["Invalid"];
            428: components["responses"]["KeyMissing"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
}
